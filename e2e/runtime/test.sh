#!/usr/bin/env bash
# Layers of a build on a Debian base go to a real registry, come back, and run.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
# shellcheck source=e2e/registry.bash
source "$top/e2e/registry.bash"
cd "$top/examples"

build //:layers --output_groups=+metadata
push_and_pull layers "$(python_path bazel-bin/layers_interpreter.tar.gz)" \
  bazel-bin/layers_{interpreter,packages,default}.metadata.json
answer=$(run_image layers)
expect_equal "what the application prints" "$(cat app/expected.txt)" "$answer"
echo "runtime: $(echo "$answer" | wc -l) lines from inside the container, as expected"
