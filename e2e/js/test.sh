#!/usr/bin/env bash
# npm packages as layers: they run in a container and answer a request, an edit runs one
# small layer again, and what only execution can refuse is refused.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
# shellcheck source=e2e/registry.bash
source "$top/e2e/registry.bash"
cd "$top/e2e/js"

# CommonJS, ES modules, a native addon, a cycle, and packages of our own; in the layout of
# rules_js, and with the packages in a tier's store.
build //:layers //:shared_layers --output_groups=+metadata
expected="200 {\"greeting\":\"HELLO WORLD\",\"id\":\"xxxx\",\"red\":\"\\u001b[31mred\\u001b[39m\",\"crc\":980881731,\"cycle\":\"ping pong\",\"iterator\":\"a\",\"bindir\":\"/\",\"cpu\":\"$(uname -m)\",\"node\":\"v22.21.1\"}"
metadata=()
for image in layers shared_layers; do
  for layer in node native web package_store_3p package_store_1p node_modules app; do
    file=bazel-bin/${image}_$layer.metadata.json
    [ ! -e "$file" ] || metadata+=("$file")
  done
  push_and_pull "$image" /usr/bin:/bin "${metadata[@]}"
  expect_equal "what $image prints" "$expected" "$(run_image "$image")"
  echo "js: a page from inside a container of ${#metadata[@]} layers, as expected"
  metadata=()
done

# Two programs in one image.
build //:several_layers --output_groups=+metadata
for layer in node express_lib main package_store_3p package_store_1p node_modules app; do
  metadata+=("bazel-bin/several_layers_$layer.metadata.json")
done
push_and_pull several_layers /usr/bin:/bin "${metadata[@]}"
expect_equal "what one of two programs prints" "$expected" "$(run_image several_layers /app/bin/app)"
expect_equal "what the other prints" "ping pong b /app.runfiles/_main" "$(run_image several_layers /app/bin/cycle)"
expect_equal "files of a package with a layer of its own" "" "$(tar -tzf bazel-bin/several_layers_package_store_3p.tar.gz | grep '/express/lib/.')"
grep -q '/node_modules/express/lib/router/index.js$\|/node_modules/express/lib/application.js$' <<<"$(tar -tzf bazel-bin/several_layers_express_lib.tar.gz)" || fail "no files of express in the layer of their own"
expect_equal "files that a tier leaves out" "" "$(tar -tzf bazel-bin/several_layers_package_store_3p.tar.gz | grep '[.]md$')"
echo "js: two programs in one image, and a package in two layers"

# prints TARGET: what `bazel run` of it prints.
prints() {
  bazel run --disk_cache="$disk_cache" "$@" 2>"$work/log" || { cat "$work/log" >&2; fail "bazel run $*"; }
}
grep -q '^package_store_3p ' <<<"$(prints //:layers)" || fail "no table of the layers"
grep -q '^  @node-rs/crc32.* "@node-rs/\*" of //:tier$' <<<"$(prints //:shared_layers.plan)" || fail "the plan does not say why a package is where it is"
page=$(prints //:layers.report)
grep -q '<!doctype html>' "$page" || fail "no page at $page"
rm "$page"
echo "js: table, plan and report"

# A whole image starts by itself, where its binary would.
cp "${base%.metadata.json}.tar" debian.tar
# shellcheck disable=SC2016 # evaluated at the end
cleanups=('rm "$top/e2e/js/debian.tar"' "${cleanups[@]}")
build //:image //:image.digest //:calling_image
python3 "$top/e2e/image/check_layout.py" bazel-bin/image
crane_takes bazel-bin/image "$(cat bazel-bin/image.sha256)"
skopeo copy --quiet oci:bazel-bin/image:latest "oci:$work/image:test"
expect_equal "what js_image prints" "${expected/'"bindir":"/"'/'"bindir":"/app.runfiles/_main"'}" "$(run_image image)"
echo "js: a js_image runs by its own entrypoint"
skopeo copy --quiet oci:bazel-bin/calling_image:latest "oci:$work/calling_image:test"
expect_equal "what a program in Python says to one in JavaScript" "0 42 True" "$(run_image calling_image)"
echo "js: a js_image starts the py_binary in its data"

copy_module

# spawned: what a client without a local action cache runs.
spawned() {
  bazel clean >/dev/null 2>&1
  build //:layers --output_groups=+metadata --execution_log_json_file="$work/log" "${copy_flags[@]}"
  ran "$work/log"
}

spawned >/dev/null
expect_equal "layers of another workspace and output base" \
  "$(digests "$top/e2e/js/bazel-bin" | grep " \./layers[._]")" "$(digests bazel-bin)"
expect_equal "what runs again with nothing changed" "" "$(spawned)"
sed -i 's|entry_point = "main.js",|data = ["added_'"$stamp"'.json"], &|' BUILD.bazel
echo "$stamp" >"added_$stamp.json"
expect_equal "what runs again for a new data file" "layers_app.metadata.json layers_package_store_1p.links" "$(spawned | xargs)"
echo "// $stamp" >>main.js
expect_equal "what runs again after an edit of the entry point" layers_app.metadata.json "$(spawned)"
echo "// $stamp" >>shout/index.js
expect_equal "what runs again after an edit of a first-party package" layers_package_store_1p.metadata.json "$(spawned)"
# Of the slices, the one that has ping, and no other.
echo "// $stamp" >>ping/index.js
expect_equal "what runs again after an edit of a package" "layers_package_store_3p.tar.gz layers_package_store_3p.metadata.json" "$(spawned | grep -v '\.part$' | xargs)"
expect_equal "slices that run again after an edit of a package" 1 "$(python3 "$top/e2e/spawns.py" "$work/log" ImageFragment | wc -l)"
echo "js: one layer for an edit, one slice for a package"

# refused MESSAGE: the layers of the BUILD file, which is put back then.
cp BUILD.bazel "$work/good"
refused() {
  rm -f bazel-bin/layers_*.tar.gz
  if bazel build //:layers "${copy_flags[@]}" >"$work/log" 2>&1; then
    fail "built: $1"
  fi
  grep -qE -e "$1" "$work/log" || { cat "$work/log" >&2; fail "no word of: $1"; }
  cp "$work/good" BUILD.bazel
}

sed -i 's|name = "layers",|& layer_groups = {"bad": "a(b"},|' BUILD.bazel
# shellcheck disable=SC2016 # an expression
refused 'attribute layer_groups: "a\(b" for "bad" is not a regular expression: it has a `\(` that nothing closes'
sed -i 's|name = "layers",|& preserve_symlinks = "[z-a]",|' BUILD.bazel
refused 'attribute preserve_symlinks of //:layers: \[z-a\]: invalid regular expression at character '

# Programs and native addons for another machine.
sed -i 's|name = "layers",|& other_machines = "error", platform = ":s390x",|' BUILD.bazel
echo 'platform(name = "s390x", constraint_values = ["@platforms//cpu:s390x", "@platforms//os:linux"])' >>BUILD.bazel
refused "^layer_tool: //:layers: .*/crc32[^ ]*\.node of //:app is for $(uname -m), and the image for s390x; depend on builds for that platform"

# A package of our own that is linked, and whose files nobody has.
sed -i '/name = "linked_greeting"/,/^)/{s|glob(.*)|[]|; /deps = /d}' BUILD.bazel
refused 'app.runfiles/_main/node_modules/.aspect_rules_js/greeting@0.0.0/node_modules/greeting is a link to ../../../../greeting, and the image has nothing at app.runfiles/_main/greeting;'
[ ! -e bazel-bin/layers_package_store_1p.tar.gz ] || fail "a layer with a link to nothing"

# A source file, and an output at its path.
mkdir -p deep/er
echo one >deep/er/file
cat >written.bzl <<'EOF'
def _written_impl(ctx):
    file = ctx.actions.declare_file("deep/er/file")
    ctx.actions.write(file, "two")
    return [DefaultInfo(files = depset([file]))]

written = rule(_written_impl)
EOF
{
  echo 'load(":written.bzl", "written")'
  sed 's|data = \["added_.*.json"\],|data = [":written"],|; s|"@npm//:bin/nodejs/bin/node"|"deep/er/file"|' "$work/good"
  echo 'written(name = "written")'
} >BUILD.bazel
refused 'app.runfiles/_main/deep/er/file is the file (bazel-out/.*/)?deep/er/file .* and the file (bazel-out/.*/)?deep/er/file .*; keep one of them'
[ ! -e bazel-bin/layers_app.tar.gz ] || fail "a layer with one of two files"
echo "js: bad expressions, an addon for another machine, a link to nothing and two files for one path are refused"
