# What the tests of this folder share; sourced by each.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
work=$(mktemp -d)
cleanups=('rm -rf "$work"')
trap 'for cleanup in "${cleanups[@]}"; do eval "$cleanup"; done' EXIT

# Only what a test is about is built anew; the rest comes from here.
disk_cache=${XDG_CACHE_HOME:-$HOME/.cache}/rules_image_layers/disk_cache

# e2e/js fetches packages from where the machine's npm does.
NPM_REGISTRY=$(npm config get registry)
export NPM_REGISTRY

bazel() {
  "$top/tools/bazel" "$@"
}

# build ARGUMENT...: bazel build in the current folder; the log is shown if it fails. Every
# output is brought from the cache, so that what is read or measured then is the same with a
# cache of an earlier run as without.
build() {
  if ! bazel build --disk_cache="$disk_cache" --remote_download_outputs=all "$@" >"$work/build.log" 2>&1; then
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

# Every action of ours that makes layers, images and their reports.
# shellcheck disable=SC2034 # in the tests
mnemonics=(Image{Archive,Base,Concat,Describe,Files,Fragment,Layer,Layout,Links,Manifest,Plan,Report,Split,TreeLinks,Validate})

# image_on_base: //case of the examples, with the image on_base that has a base, a tar and a report.
image_on_base() {
  rm -rf "$top/examples/case"
  # shellcheck disable=SC2016 # evaluated at the end
  cleanups=('rm -rf "$top/examples/case"' "${cleanups[@]}")
  mkdir "$top/examples/case"
  cp "$top/e2e/report/BUILD.case.bazel" "$top/examples/case/BUILD.bazel"
  echo 'import numpy' >"$top/examples/case/numbers.py"
  echo 'print("plain")' >"$top/examples/case/plain.py"
  tar --sort=name --owner=0:0 --mtime=@0 -C "$top/examples/case" -cf "$top/examples/case/extra.tar" plain.py
}

# prebuilt TOOL PACKAGE: makes the toolchains //PACKAGE:all in the current module, or a copy of it,
# of a program that was built before: what compiles none is not kept waiting by the compiler.
prebuilt() {
  mkdir -p "$2"
  cp "$1" "$2/layer_tool"
  cat >"$2/BUILD.bazel" <<'END'
load("@rules_image_layers//layers:toolchain.bzl", "layer_tool_toolchain")

layer_tool_toolchain(
    name = "layer_tool_toolchain",
    tool = "layer_tool",
)
END
}

# digests FOLDER: the SHA-256 of every layer, its metadata and each plan in a folder of outputs.
digests() {
  (cd "$1" && find . -maxdepth 1 \( -name '*layers_*.tar.gz' -o -name '*layers_*.tar.zst' -o -name '*layers_*.metadata.json' -o -name '*layers.plan.json' \) -print0 | sort -z | xargs -0 sha256sum)
}

# copy_module: changes to a copy of the current module, which has a Bazel of its own and may
# be edited. Its flags are in the array `copy_flags`. With `stamp` in an edit, no earlier run
# has left what comes of that in a cache.
copy_module() {
  local copy=$work/copy
  mkdir "$copy"
  git ls-files -z | xargs -0 cp --parents -t "$copy"
  cd "$copy"
  sed -i "s|path = \"../..|path = \"$top|" MODULE.bazel
  stamp=$(date +%s%N)
  # Bazel's sandbox does not show what another module has in /tmp, if clones stand there.
  copy_flags=(--disk_cache="$disk_cache" --noincompatible_sandbox_hermetic_tmp)
  # shellcheck disable=SC2016 # evaluated at the end
  cleanups=('(cd "$work/copy" && bazel shutdown && rm -rf "$(bazel info output_base)") >/dev/null 2>&1' "${cleanups[@]}")
}

# ran LOG: the first outputs of what an execution log says ran to make layers, and was in no cache.
ran() {
  python3 "$top/e2e/spawns.py" "$1" ImageConcat ImageDescribe ImageFragment ImageLayer ImageLinks ImageSplit | cut -d' ' -f3
}
