#!/usr/bin/env bash
# No action of the rules runs a program outside their toolchain.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
cd "$top/examples"

# programs QUERY: mnemonic and program of each action that runs one.
programs() {
  bazel aquery --disk_cache="$disk_cache" --output=jsonproto "$1" \
    >"$work/actions.json" 2>"$work/log" || { cat "$work/log" >&2; fail aquery; }
  python3 - "$work/actions.json" <<'PY'
import json
import os
import sys

actions = json.load(open(sys.argv[1]))["actions"]
rows = {f"{action['mnemonic']} {os.path.basename(action['arguments'][0])}" for action in actions if action.get("arguments")}
print("\n".join(sorted(rows)))
PY
}

expect_equal "programs of the rules' actions" "\
ImageConcat layer_tool
ImageDescribe layer_tool
ImageFiles layer_tool
ImageLayer layer_tool
ImagePlan layer_tool
ImageReport layer_tool
ImageSplit layer_tool
ImageValidate layer_tool" "$(programs 'mnemonic(".+", //:layers + //:grouped_layers + //:layers.report)')"

# Those of aspects are at the packages' own targets.
expect_equal "programs of the aspects' actions" "\
ImageFragment layer_tool" "$(programs 'mnemonic("ImageFragment", deps(//:layers))')"
echo "hermetic: layer_tool alone"
