#!/usr/bin/env bash
# Finds its data as programs of Bazel do: by the name that it was started by.
set -euo pipefail
echo "hello, $(cat "$0.runfiles/_main/layers/tests/words.txt")"
