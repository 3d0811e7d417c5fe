# What the tests of this folder share; sourced by each.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
work=$(mktemp -d)
cleanups=('rm -rf "$work"')
trap 'for cleanup in "${cleanups[@]}"; do eval "$cleanup"; done' EXIT

# Only what a test is about is built anew; the rest comes from here.
disk_cache=${XDG_CACHE_HOME:-$HOME/.cache}/rules_image_layers/disk_cache

bazel() {
  "$top/tools/bazel" "$@"
}

# build ARGUMENT...: bazel build in the current folder; the log is shown if it fails.
build() {
  if ! bazel build --disk_cache="$disk_cache" "$@" >"$work/build.log" 2>&1; then
    cat "$work/build.log" >&2
    fail "bazel build $*"
  fi
}

fail() {
  echo "FAIL: $*" >&2
  exit 1
}

# expect_equal WHAT EXPECTED ACTUAL
expect_equal() {
  if [ "$2" != "$3" ]; then
    diff <(echo "$2") <(echo "$3") >&2 || true
    fail "$1 (expected above with <, actual with >)"
  fi
}

# digests FOLDER: the SHA-256 of every layer, its metadata and each plan in a folder of outputs.
digests() {
  (cd "$1" && find . -maxdepth 1 \( -name '*layers_*.tar.gz' -o -name '*layers_*.tar.zst' -o -name '*layers_*.metadata.json' -o -name '*layers.plan.json' \) -print0 | sort -z | xargs -0 sha256sum)
}
