#!/usr/bin/env bash
# What an edit runs again, with only a disk cache kept; and the same bytes from a
# workspace at another path with another output base.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
cd "$top/examples"

build //:layers --output_groups=+metadata
digests bazel-bin | grep " \./layers_" >"$work/first.digests"

copy=$work/copy
mkdir "$copy"
git ls-files -z | xargs -0 cp --parents -t "$copy"
cd "$copy"
sed -i "s|path = \"..|path = \"$top|" MODULE.bazel
# shellcheck disable=SC2016 # evaluated at the end
cleanups=('(cd "$copy" && bazel shutdown && rm -rf "$(bazel info output_base)") >/dev/null 2>&1' "${cleanups[@]}")
# Beside the other, so that it costs nothing to copy.
test_cache=$disk_cache.$$
# shellcheck disable=SC2016 # evaluated at the end
cleanups+=('rm -rf "$test_cache"')

# spawned: what a client without a local action cache runs; a fragment's name has a hash.
spawned() {
  bazel clean >/dev/null 2>&1
  # Bazel's sandbox does not show what another module has in /tmp, if clones stand there.
  build //:layers --output_groups=+metadata --execution_log_json_file="$work/log" \
    --disk_cache="$test_cache" --noincompatible_sandbox_hermetic_tmp
  python3 "$top/e2e/spawns.py" "$work/log" ImageConcat ImageDescribe ImageFragment ImageLayer | cut -d' ' -f1,3 | sed 's/\.[0-9a-f]*\.part$//'
}

cp -rl "$disk_cache" "$test_cache"
spawned >/dev/null
digests bazel-bin | grep " \./layers_" >"$work/copy.digests"
expect_equal "layers of another workspace and output base" "$(cat "$work/first.digests")" "$(cat "$work/copy.digests")"
expect_equal "layers that run again with nothing changed" "" "$(spawned)"

echo '# an edit' >>app/main.py
expect_equal "layers that run again after an edit of the main file" "ImageLayer layers_default.metadata.json" "$(spawned)"

# Another version of a package.
sed -i '/^idna==/,/^[^ ]*==/{/^idna==/!{/^ /d}}' requirements_lock.txt
sed -i 's/^idna==.*/idna==3.9 --hash=sha256:69297d5da0cc9281c77efffb4e730254dd45943f45bbfb461de5991713989b1e/' requirements_lock.txt
bumped=$(spawned)
expect_equal "what runs again after a bump of idna" "ImageConcat layers_packages.tar.gz
ImageDescribe layers_packages.metadata.json
ImageFragment pkg" "$bumped"
tar -tf bazel-bin/layers_packages.tar.gz >"$work/packages"
grep -q '/site-packages/idna-3.9.dist-info/' "$work/packages" || fail "the layer of packages has no idna 3.9"
echo "incremental: one layer for an edit, one fragment and one concatenation for a package"
