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
sed -i "s|path = \"..\"|path = \"$top\"|" MODULE.bazel
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

echo '# an edit' >>app/main.py
expect_equal "layers that run again after an edit of the main file" layers_default.metadata.json "$(spawned)"
echo "incremental: one layer for an edit"
