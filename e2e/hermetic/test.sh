#!/usr/bin/env bash
# No action of the rules runs a program outside their toolchain.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
cd "$top/examples"

bazel aquery --disk_cache="$disk_cache" --output=jsonproto 'mnemonic(".+", //:layers + //:grouped_layers)' \
  >"$work/actions.json" 2>"$work/log" || { cat "$work/log" >&2; fail aquery; }
expect_equal "programs of the rules' actions" "\
ImageLayer layer_tool
ImageSplit layer_tool" "$(python3 - "$work/actions.json" <<'PY'
import json
import os
import sys

actions = json.load(open(sys.argv[1]))["actions"]
rows = {f"{action['mnemonic']} {os.path.basename(action['arguments'][0])}" for action in actions if action.get("arguments")}
print("\n".join(sorted(rows)))
PY
)"
echo "hermetic: layer_tool alone"
