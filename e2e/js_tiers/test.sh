#!/usr/bin/env bash
# Ten images over npm packages in a tier's store: what they share, and what runs again.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
cd "$top/e2e/js"
copy_module

# Each has most of the packages, and a main file of its own.
packages=(:chalk :express :nanoid :lodash :ping_cycle :copied_shout :linked_greeting :@node-rs/crc32)
cat >>BUILD.bazel <<EOF

js_layer_tier(
    name = "regrouping",
    groups = {"express": "a_$stamp", "lodash": "a_$stamp", "chalk": "b"},
    node = "@npm//:bin/nodejs/bin/node",
)

js_layer_tier(name = "moving", owner = "1000", store = "/srv/store")

js_layer_tier(name = "with_variants", variants = [":moving"])
EOF
for i in {0..9}; do
  echo "console.log($i, $stamp)" >"main$i.js"
  printf 'fixture_js_binary(name = "app%s", entry_point = "main%s.js", node = "@npm//:bin/nodejs/bin/node", deps = {' "$i" "$i"
  for j in {0..5}; do
    printf '"%s": "", ' "${packages[(i + j) % 8]}"
  done
  printf '})\njs_image_layer(name = "image%s", binary = ":app%s", root = "/app")\n' "$i" "$i"
done >>BUILD.bazel
ten=$(printf '//:image%s ' {0..9})
cp BUILD.bazel "$work/unpinned"

# in_tier NAME: the flag.
in_tier() {
  echo "--@rules_image_layers//js:layer_tier=//:$1"
}

# fragments TARGETS [FLAG...]: the number of actions that compress a part of some images.
fragments() {
  bazel aquery "${@:2}" "${copy_flags[@]}" --output=summary "mnemonic(ImageFragment, deps(set($1)))" 2>"$work/log" |
    sed -n 's/^  ImageFragment: //p' || { cat "$work/log" >&2; fail aquery; }
}

# spawned FLAG: what ran, and was in no cache, to build the ten images.
spawned() {
  # shellcheck disable=SC2086 # a list
  build $ten --output_groups=+metadata --execution_log_json_file="$work/run.log" "${copy_flags[@]}" "$1"
  ran "$work/run.log"
}

# Each third-party package that an image can have, and Node.js.
units=$(($(bazel cquery 'filter("^//:", kind(fixture_package, deps(//:app)))' "${copy_flags[@]}" 2>"$work/log" | grep -cvE 'shout|greeting') + 1))
[ "$units" -gt 50 ] || fail "only $units packages; $(cat "$work/log")"
expect_equal "compressions of one image with all packages" "$units" "$(fragments //:layers "$(in_tier tier)")"
expect_equal "compressions of it and ten more" "$units" "$(fragments "$ten //:layers" "$(in_tier tier)")"

spawned "$(in_tier tier)" >/dev/null
regrouped=$(spawned "$(in_tier regrouping)")
grep -q "_a_$stamp.metadata.json" <<<"$regrouped" || fail "the tier regrouped nothing: $regrouped"
expect_equal "compressions for other groups" "" "$(grep '\.part' <<<"$regrouped" || true)"

# No path but of folders is in two layers.
for layer in bazel-bin/image0_*.tar.gz; do
  tar -tf "$layer"
done | grep -v '/$' | sort | uniq -d >"$work/twice"
expect_equal "paths in two layers" "" "$(cat "$work/twice")"
echo "js tiers: $units compressions for eleven images, none for other groups"

# Pinned tiers of another form share by variants.
sed -i 's|root = "/app")|root = "/app", layer_tier = ":moving")|' BUILD.bazel
# The flag's own form is declared, too, and not run; neither has a Node.js.
expect_equal "compressions of ten pinned images" "$((2 * (units - 1)))" "$(fragments "$ten" "$(in_tier with_variants)")"
cp "$work/unpinned" BUILD.bazel

spawned "$(in_tier tier)" >/dev/null
bazel clean >/dev/null 2>&1
echo "// edited $stamp" >>main3.js
expect_equal "what ran after an edit, with a disk cache only" image3_app.metadata.json "$(spawned "$(in_tier tier)")"
bazel clean >/dev/null 2>&1
echo "// edited $stamp" >>ping/index.js
changed=$(spawned "$(in_tier tier)")
expect_equal "compressions after an edit of a package, with a disk cache only" 1 "$(grep -c '\.part' <<<"$changed")"
expect_equal "what else ran" "" "$(grep -vE '\.part|_package_store_3p.metadata.json' <<<"$changed" || true)"
echo "js tiers: one layer for an edit, one fragment for a package"
