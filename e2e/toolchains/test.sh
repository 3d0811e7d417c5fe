#!/usr/bin/env bash
# The ways to have layer_tool but a release, which e2e/release has: each is resolved and writes the
# same layers. What `bazel run` starts is the program of this machine, not that of the executors.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"

# What is there already: the binary that the examples were built with.
cd "$top/examples"
build //:layers
released=$(readlink -f bazel-bin/layers_/layers)

cd "$top/e2e/user_module"
bazel clean --expunge >/dev/null 2>&1
cp -f "$released" layer_tool
# It names the binary's digest: a cache must not take it for that of another one.
# shellcheck disable=SC2016 # a script
printf '#!/bin/sh\n# %s\nexec "%s" "$@"\n' "$(sha256sum <layer_tool)" "$released" >my_layer_tool.sh
chmod +x my_layer_tool.sh

# programs FLAG...: what the actions of //:layers run.
programs() {
  bazel aquery --disk_cache="$disk_cache" "$@" --output=jsonproto 'mnemonic("Image.+", //:layers)' >"$work/actions.json" 2>/dev/null
  python3 - "$work/actions.json" <<'PY'
import json
import re
import sys

actions = json.load(open(sys.argv[1]))["actions"]
programs = {action["arguments"][0] for action in actions}
# Canonical names of repositories, and the configuration, vary.
print("\n".join(re.sub(r"^\./|bazel-out/[^/]*/bin/|[^/]*[~+](?=[^~+/]+/)|[~+](?=/)", "", program) for program in sorted(programs)))
PY
}

# with NAME EXPECTED_PROGRAM FLAG...: builds, and compares the actions' program and the layers.
with() {
  local name=$1 program=$2
  shift 2
  build //:layers --output_groups=+metadata,+plan "$@"
  expect_equal "program with $name" "$program" "$(programs "$@")"
  expect_equal "layers with $name" "$(cat "$work/expected.digests")" "$(digests bazel-bin | grep ' \./layers')"
  echo "toolchains: $name"
}

mine=(--extra_toolchains=//:my_layer_tool.toolchain --extra_toolchains=//:my_layer_tool.host_toolchain)
bazel build //:layers "${mine[@]}" --output_groups=+metadata,+plan >"$work/log" 2>&1
digests bazel-bin >"$work/expected.digests"
with executable my_layer_tool.sh "${mine[@]}"
crates=$(find "$(bazel info output_base 2>/dev/null)/external" -maxdepth 1 -name '*layer_tool_crates*')
expect_equal "Rust crates that a program of one's own fetches" "" "$crates"

# On executors, whose program this machine is not asked to run.
executors=(
  --extra_execution_platforms=//:executor
  --extra_toolchains=//:far_layer_tool.toolchain
  --extra_toolchains=//:near_layer_tool.host_toolchain
)
with executors my_layer_tool.sh "${executors[@]}"
for target in layers layers.plan layers.report image.report image.digest; do
  arguments=()
  case $target in *.report) arguments=(--format text) ;; esac
  bazel run "//:$target" --disk_cache="$disk_cache" "${executors[@]}" -- "${arguments[@]}" >"$work/out" 2>"$work/err" || {
    cat "$work/err" >&2
    fail "bazel run //:$target with executors"
  }
  grep -q '^near: ' "$work/err" || fail "bazel run //:$target starts the program of the executors"
  [ -s "$work/out" ] || fail "bazel run //:$target says nothing"
done
# It loads into what the machine has, if it has anything.
bazel run //:image.load --disk_cache="$disk_cache" "${executors[@]}" -- --help >"$work/out" 2>"$work/err" || true
grep -q '^near: load' "$work/err" || fail "bazel run //:image.load starts the program of the executors"
# A test runs where tests do.
bazel test //:size_test --disk_cache="$disk_cache" "${executors[@]}" --test_output=all >"$work/out" 2>&1 || {
  cat "$work/out" >&2
  fail "a test with executors"
}
! grep -q '^near: ' "$work/out" || fail "a test runs the program of this machine"
echo "toolchains: bazel run starts the program of this machine"

with source external/rules_image_layers_tool/src/layer_tool
version=$(bazel run @rules_image_layers//layers:layer_tool --disk_cache="$disk_cache" -- --version 2>/dev/null)
expect_equal "what the program from source says" "layer_tool $(sed -n 's/^    version = "\(.*\)",$/\1/p' "$top/MODULE.bazel")" "$version"
