#!/usr/bin/env bash
# Says what runs, and runs the program among its runfiles.
echo "near: $1" >&2
exec "$0.runfiles/_main/layer_tool" "$@"
