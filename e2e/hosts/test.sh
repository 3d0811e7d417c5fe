#!/usr/bin/env bash
# layer_tool for every host that releases have it for: built, and compared where it can run here.
# That takes minutes, so it is done again only for another layer_tool than the last that was proved.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")/../../tools/prove-hosts"
