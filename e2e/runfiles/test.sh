#!/usr/bin/env bash
# The layers together hold the runfiles tree that Bazel makes, each path once.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
cd "$top/examples"

# Bazel's older second spelling of external files stands in no layer.
build //:layers //:grouped_layers //app --nolegacy_external_runfiles --build_runfile_links

(cd bazel-bin/app/app.runfiles && find . \( -type f -o -type l \) ! -path ./MANIFEST | sed 's|^\./||' | LC_ALL=C sort) >"$work/tree"
[ "$(wc -l <"$work/tree")" -gt 3000 ] || fail "a runfiles tree of $(wc -l <"$work/tree") files is not the application's"

# files_of RUNFILES LAYER...: all that is no folder, below the runfiles.
files_of() {
  local runfiles=$1 layer
  shift
  for layer in "$@"; do
    bsdtar -tf "$layer"
  done | grep -v '/$' | LC_ALL=C sort >"$work/all"
  expect_equal "paths in two layers" "" "$(uniq -d "$work/all")"
  grep "^$runfiles/" "$work/all" | sed "s|^$runfiles/||"
}

files_of app.runfiles bazel-bin/layers_*.tar.gz >"$work/layers"
expect_equal "files of //:layers" "$(cat "$work/tree")" "$(cat "$work/layers")"
files_of app/app.runfiles bazel-bin/grouped_layers_*.tar.zst >"$work/layers"
expect_equal "files of //:grouped_layers" "$(cat "$work/tree")" "$(cat "$work/layers")"
echo "runfiles: $(wc -l <"$work/tree") files, each in one layer"
