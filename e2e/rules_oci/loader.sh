#!/usr/bin/env bash
# Stands in for docker: `load --input FILE` keeps the file as $LOADED.
set -euo pipefail
cat "$3" >"$LOADED"
