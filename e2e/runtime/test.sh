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

# Two binaries in one image; neither's packages are all of the other's.
mkdir several_case
# shellcheck disable=SC2016 # evaluated at the end
cleanups=('rm -rf "$top/examples/several_case"' "${cleanups[@]}")
cat >several_case/BUILD.bazel <<'BUILD'
load("@pip//:requirements.bzl", "requirement")
load("@rules_image_layers//py:defs.bzl", "py_image_layer")
load("@rules_python//python:defs.bzl", "py_binary")

py_binary(
    name = "zones",
    srcs = ["zones.py"],
    deps = [requirement("tzdata")],
)

py_image_layer(
    name = "layers",
    binaries = [
        "//app",
        ":zones",
    ],
)
BUILD
echo 'import importlib.resources; print(importlib.resources.files("tzdata").joinpath("zones").read_text().split()[0])' >several_case/zones.py
build //several_case:layers --output_groups=+metadata
push_and_pull several "$(python_path bazel-bin/several_case/layers_interpreter.tar.gz)" \
  bazel-bin/several_case/layers_{interpreter,packages,default}.metadata.json
expect_equal "what the first of two binaries prints" "$answer" "$(run_image several /app/bin/app)"
expect_equal "what the second prints" Africa/Abidjan "$(run_image several /app/bin/zones)"
echo "runtime: $(echo "$answer" | wc -l) lines from inside the container, as expected"
