#!/usr/bin/env bash
# npm packages as layers: they run in a container and answer a request, an edit runs one
# small layer again, and what only execution can refuse is refused.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
# shellcheck source=e2e/registry.bash
source "$top/e2e/registry.bash"
cd "$top/e2e/js"

build //:layers --output_groups=+metadata
push_and_pull layers /usr/bin:/bin \
  bazel-bin/layers_{node,package_store_3p,package_store_1p,node_modules,app}.metadata.json
answer=$(run_image layers)
expect_equal "what the application prints" \
  "200 {\"greeting\":\"HELLO WORLD\",\"id\":\"xxxx\",\"red\":\"\\u001b[31mred\\u001b[39m\",\"bindir\":\"/\",\"cpu\":\"$(uname -m)\",\"node\":\"v22.21.1\"}" \
  "$answer"
echo "js: a page from inside the container, as expected"

digests bazel-bin >"$work/first.digests"
rm bazel-bin/layers_*
build //:layers --output_groups=+metadata --spawn_strategy=local \
  --modify_execution_info='Image.*=+no-cache' --execution_log_json_file="$work/log"
expect_equal "runners of the layers" "5 local" \
  "$(python3 "$top/e2e/spawns.py" "$work/log" ImageLayer | cut -d' ' -f2 | sort | uniq -c | sed 's/^ *//')"
digests bazel-bin >"$work/local.digests"
expect_equal "layers without a sandbox" "$(cat "$work/first.digests")" "$(cat "$work/local.digests")"
copy=$work/copy
mkdir "$copy"
git ls-files -z | xargs -0 cp --parents -t "$copy"
cd "$copy"
sed -i "s|path = \"../..\"|path = \"$top\"|" MODULE.bazel
# shellcheck disable=SC2016 # evaluated at the end
cleanups=('(cd "$copy" && bazel shutdown && rm -rf "$(bazel info output_base)") >/dev/null 2>&1' "${cleanups[@]}")
test_cache=$work/disk_cache

# spawned: the layers that a client without a local action cache runs.
spawned() {
  bazel clean >/dev/null 2>&1
  # Bazel's sandbox does not show what another module has in /tmp, if clones stand there.
  build //:layers --output_groups=+metadata --execution_log_json_file="$work/log" \
    --disk_cache="$test_cache" --noincompatible_sandbox_hermetic_tmp
  python3 "$top/e2e/spawns.py" "$work/log" ImageLayer | cut -d' ' -f3
}

cp -r "$disk_cache" "$test_cache"
spawned >/dev/null
digests bazel-bin >"$work/copy.digests"
expect_equal "layers of another workspace and output base" "$(cat "$work/first.digests")" "$(cat "$work/copy.digests")"
expect_equal "layers that run again with nothing changed" "" "$(spawned)"
sed -i 's|entry_point = "main.js",|data = ["package.json"], &|' BUILD.bazel
expect_equal "layers that run again for a new data file" layers_app.metadata.json "$(spawned)"
echo '// an edit' >>main.js
expect_equal "layers that run again after an edit of the entry point" layers_app.metadata.json "$(spawned)"
echo '// an edit' >>shout/index.js
expect_equal "layers that run again after an edit of a first-party package" layers_package_store_1p.metadata.json "$(spawned)"
echo "js: one layer for an edit"

# refused MESSAGE ATTRIBUTE...: attributes of a js_image_layer, each as `name = value`.
refused() {
  local message=$1
  shift
  {
    sed '/^js_image_layer(/,$d' "$top/e2e/js/BUILD.bazel"
    printf 'js_image_layer(name = "layers", binary = ":app"'
    printf ', %s' "$@"
    echo ')'
  } >BUILD.bazel
  if bazel build //:layers --disk_cache="$test_cache" --noincompatible_sandbox_hermetic_tmp >"$work/log" 2>&1; then
    fail "built: $*"
  fi
  grep -qF -e "$message" "$work/log" || { cat "$work/log" >&2; fail "no word of: $message"; }
}
refused '--group bad=a(b: invalid regular expression at character ' 'layer_groups = {"bad": "a(b"}'
refused '--links [z-a]: invalid regular expression at character ' 'preserve_symlinks = "[z-a]"'
echo "js: bad expressions are refused"
