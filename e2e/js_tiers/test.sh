#!/usr/bin/env bash
# Ten images over npm packages in a tier's store: what they share, and what runs again.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
cd "$top/e2e/js"

# Written anew each time, so that what the test changes is in no cache.
stamp=$(date +%s%N)
mkdir -p tiers_case/own
# shellcheck disable=SC2016 # evaluated at the end
cleanups=('rm -rf "$top/e2e/js/tiers_case"' "${cleanups[@]}")
echo "// $stamp" >tiers_case/own/index.js
{
  cat <<EOF
load("@rules_image_layers//js:defs.bzl", "js_image_layer", "js_layer_tier")
load("@rules_image_layers//js/tests:fixture.bzl", "fixture_js_binary", "fixture_package")

package(default_visibility = ["//visibility:public"])

js_layer_tier(
    name = "regrouping_$stamp",
    compression = {"native": ["gzip", "9"]},
    groups = {"express": "a_$stamp", "lodash": "a_$stamp", "chalk": "b", "@node-rs/*": "native"},
    node = "@npm//:bin/nodejs/bin/node",
)

js_layer_tier(name = "moving", owner = "1000", store = "/srv/store")

js_layer_tier(name = "with_variants", variants = [":moving"])

fixture_package(name = "own", srcs = ["own/index.js"], package = "own", store = "own@1.0.0", strip_prefix = "own/")
EOF
  # Each has most of the packages, and a main file of its own.
  packages=(//:chalk //:express //:nanoid //:lodash //:ping_cycle //:copied_shout //:linked_greeting //:@node-rs/crc32 //:es6-iterator //:next-tick)
  for i in {0..9}; do
    echo "console.log($i, $stamp)" >"tiers_case/main$i.js"
    printf 'fixture_js_binary(name = "app%s", entry_point = "main%s.js", node = "@npm//:bin/nodejs/bin/node", deps = {":own": "", ' "$i" "$i"
    for j in {0..5}; do
      printf '"%s": "", ' "${packages[(i + j) % 10]}"
    done
    printf '})\njs_image_layer(name = "image%s", binary = ":app%s", root = "/app")\n' "$i" "$i"
  done
} >tiers_case/BUILD.bazel
cp tiers_case/BUILD.bazel "$work/unpinned"
ten=$(printf '//tiers_case:image%s ' {0..9})

# in_tier LABEL: the flag.
in_tier() {
  echo "--@rules_image_layers//js:layer_tier=$1"
}

# fragments TARGETS FLAG: the number of actions that compress a part of some images.
fragments() {
  # Two targets of a package share one action.
  bazel aquery "$2" "mnemonic(ImageFragment, deps(set($1)))" 2>"$work/log" |
    sed -n 's/^  Outputs: \[\(.*\.part\),.*/\1/p' | sort -u | wc -l || { cat "$work/log" >&2; fail aquery; }
}

# spawned LABEL: what ran, and was in no cache, to build the ten images in a tier.
spawned() {
  # shellcheck disable=SC2086 # a list
  build $ten --output_groups=+metadata --execution_log_json_file="$work/run.log" "$(in_tier "$1")"
  ran "$work/run.log"
}

# Each third-party package that the images have, and Node.js.
bazel cquery "kind(fixture_package, deps(set($ten)))" >"$work/packages" 2>"$work/log" || { cat "$work/log" >&2; fail cquery; }
units=$(($(sed -n 's|^\(//[^ ]*\) .*|\1|p' "$work/packages" | sed 's|/pkg$||' | sort -u | grep -cvE 'shout|greeting') + 1))
[ "$units" -gt 50 ] || fail "only $units packages"
expect_equal "compressions of one image with all packages but one" "$((units - 1))" "$(fragments //:layers "$(in_tier //:tier)")"
expect_equal "compressions of it and ten more" "$units" "$(fragments "$ten //:layers" "$(in_tier //:tier)")"

spawned //:tier >/dev/null

# No path but of folders is in two layers.
for layer in node web package_store_3p package_store_1p node_modules app; do
  tar -tf "bazel-bin/tiers_case/image0_$layer.tar.gz"
done | grep -v '/$' | sort >"$work/paths"
[ "$(wc -l <"$work/paths")" -gt 100 ] || fail "no files in the layers"
expect_equal "paths in two layers" "" "$(uniq -d "$work/paths")"

regrouped=$(spawned "//tiers_case:regrouping_$stamp")
grep -q "_a_$stamp.metadata.json" <<<"$regrouped" || fail "the tier regrouped nothing: $regrouped"
expect_equal "compressions for other groups" "regrouping_$stamp.node.part" "$(sed -n "s/\.[0-9a-f]*\.part$/.part/p" <<<"$regrouped")"

echo "js tiers: $units compressions for eleven images, only Node.js for other groups"

# Pinned tiers of another form share by variants. The flag's own form is declared, too, and
# not run; neither has a Node.js.
sed -i 's|root = "/app")|root = "/app", layer_tier = ":moving")|' tiers_case/BUILD.bazel
expect_equal "compressions of ten pinned images" "$((2 * (units - 1)))" "$(fragments "$ten" "$(in_tier //tiers_case:with_variants)")"
cp "$work/unpinned" tiers_case/BUILD.bazel

spawned //:tier >/dev/null
bazel clean >/dev/null 2>&1
echo "// edited" >>tiers_case/main3.js
expect_equal "what ran after an edit, with a disk cache only" image3_app.metadata.json "$(spawned //:tier)"
bazel clean >/dev/null 2>&1
echo "// edited" >>tiers_case/own/index.js
changed=$(spawned //:tier)
expect_equal "compressions after an edit of a package, with a disk cache only" 1 "$(grep -c '\.part' <<<"$changed")"
expect_equal "layers put together" 10 "$(grep -c '_package_store_3p.tar' <<<"$changed")"
expect_equal "what else ran" "" "$(grep -vE '\.part|_package_store_3p.(tar|metadata.json)' <<<"$changed" || true)"
echo "js tiers: one layer for an edit, one fragment for a package"
