#!/usr/bin/env bash
# Each of the three ways to have layer_tool is resolved, and writes the same layers.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"

# What a release would offer: the binary that the examples were built with.
cd "$top/examples"
build //:layers
released=$(readlink -f bazel-bin/layers)

cd "$top/e2e/user_module"
bazel clean --expunge >/dev/null 2>&1
cp -f "$released" layer_tool
integrity=sha256-$(openssl dgst -sha256 -binary layer_tool | base64)

# write_lockfile INTEGRITY
write_lockfile() {
  printf '{"version": 1, "binaries": [{"os": "linux", "cpu": "%s", "urls": ["file://%s"], "integrity": "%s"}]}\n' \
    "$(uname -m)" "$PWD/layer_tool" "$1" >layer_tool.lock.json
}

# with NAME EXPECTED_PROGRAM FLAG...: builds, and compares the actions' program and the layers.
with() {
  local name=$1 program=$2
  shift 2
  build //:layers --output_groups=+metadata,+plan "$@"
  bazel aquery --disk_cache="$disk_cache" "$@" --output=jsonproto 'mnemonic("Image.+", //:layers)' >"$work/actions.json" 2>/dev/null
  expect_equal "program with $name" "$program" "$(python3 - "$work/actions.json" <<'PY'
import json
import re
import sys

actions = json.load(open(sys.argv[1]))["actions"]
programs = {action["arguments"][0] for action in actions}
# Canonical names of repositories, and the configuration, vary.
print("\n".join(re.sub(r"^\./|bazel-out/[^/]*/bin/|[^/]*[~+](?=[^~+/]+/)|[~+](?=/)", "", program) for program in sorted(programs)))
PY
)"
  digests bazel-bin >"$work/$name.digests"
  expect_equal "layers with $name" "$(cat "$work/prebuilt.digests")" "$(cat "$work/$name.digests")"
  echo "toolchains: $name"
}

write_lockfile "sha256-$(openssl dgst -sha256 -binary /dev/null | base64)"
cp -f "$released" my_layer_tool.sh
if bazel build //:layers --extra_toolchains=@layer_tool_prebuilt//:all >"$work/log" 2>&1; then
  fail "a binary that is not the one of the lockfile was run"
fi
grep -q "Checksum was $integrity but wanted" "$work/log" || { cat "$work/log" >&2; fail "no word of the checksum"; }

write_lockfile "$integrity"
with prebuilt "external/layer_tool_prebuilt_linux_$(uname -m)/layer_tool" --extra_toolchains=@layer_tool_prebuilt//:all
crates=$(find "$(bazel info output_base 2>/dev/null)/external" -maxdepth 1 -name '*layer_tool_crates*')
expect_equal "Rust crates that a prebuilt toolchain fetches" "" "$crates"

# It names the binary's digest: a cache must not take it for that of another one.
# shellcheck disable=SC2016 # a script
printf '#!/bin/sh\n# %s\nexec "%s" "$@"\n' "$integrity" "$released" >my_layer_tool.sh
with any_executable my_layer_tool.sh --extra_toolchains=//:my_layer_tool_toolchain

with source external/rules_image_layers/layer_tool/src/layer_tool
