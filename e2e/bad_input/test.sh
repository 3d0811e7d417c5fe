#!/usr/bin/env bash
# What cannot be meant is refused when a package is loaded or analysed, by one line
# that names the attribute and the fix.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
cd "$top/e2e/user_module"

# No action runs, so any file will do.
install -m 755 /dev/null my_layer_tool.sh
mkdir -p case
# shellcheck disable=SC2016 # evaluated at the end
cleanups=('rm -rf "$top/e2e/user_module/case"' "${cleanups[@]}")

# refused MESSAGE ATTRIBUTE...: attributes of a py_image_layer, each as `name = value`; with
# rule=NAME before it of another macro, with file=LABEL of another file.
refused() {
  local message=$1 rule=${rule:-py_image_layer}
  shift
  {
    echo "load(\"@rules_image_layers${file:-//py:defs.bzl}\", \"$rule\")"
    printf '%s(name = "layers"' "$rule"
    printf ', %s' "$@"
    echo ')'
  } >case/BUILD.bazel
  if bazel build --nobuild //case:layers --extra_toolchains=//:my_layer_tool.toolchain --extra_toolchains=//:my_layer_tool.host_toolchain >"$work/log" 2>&1; then
    fail "built: $*"
  fi
  grep -qF "$message" "$work/log" || { cat "$work/log" >&2; fail "no word of: $message"; }
  count=$((${count:-0} + 1))
}

binary='binary = "//:app"'
refused 'attribute binary: give a py_binary'
refused 'attribute binary: give a py_binary' "$binary" 'py_binary = "//:app"'
refused 'attribute binary: @@//:my_layer_tool is not executable; give a py_binary' 'binary = "//:my_layer_tool"'
refused 'attribute layer_groups: "packages" is a default group, so two layers would have that name; rename the group' "$binary" 'layer_groups = {"packages": "x"}'
refused 'duplicate' "$binary" 'layer_groups = {"mine": "x", "mine": "y"}'
refused 'attribute layer_groups: "a/b" cannot be the name of a layer; use letters, digits' "$binary" 'layer_groups = {"a/b": "x"}'
refused 'attribute layer_groups: "mtree" is an output group of its own; rename the group' "$binary" 'layer_groups = {"mtree": "x"}'
refused 'attribute layer_groups: "plan" is an output group of its own; rename the group' "$binary" 'layer_groups = {"plan": "x"}'
refused 'attribute compress: "bzip2" is not a compression of an image layer; use one of' "$binary" 'compress = "bzip2"'
refused 'attribute compress_level: 23 is out of range for zstd; use 1 to 22' "$binary" 'compress = "zstd"' 'compress_level = 23'
refused 'attribute compress_level: 13 is out of range for gzip; use 0 to 12' "$binary" 'tar_args = ["--options=gzip:compression-level=13"]'
refused 'attribute compress_level: compression "none" has no level; leave it out' "$binary" 'compress = "none"' 'compress_level = 1'
refused 'attribute tar_args: "--exclude" is not supported; remove it' "$binary" 'tar_args = ["--exclude", "x"]'
refused 'attribute tar_args: "--uid" is not supported; give its value as the next argument' "$binary" 'tar_args = ["--uid"]'
refused 'attribute tar_args: "zstd:compression-level=3" is not supported; the layers are compressed by gzip' "$binary" 'tar_args = ["--options", "zstd:compression-level=3"]'
refused 'attribute compute_unused_inputs: 2 is not -1, 0 or 1; leave it out' "$binary" 'compute_unused_inputs = 2'
refused 'attribute owner: "root" is not UID:GID in digits; write e.g. "0:0"' "$binary" 'owner = "root"'
refused 'attribute root: "../x" is not an absolute path without' "$binary" 'root = "../x"'
refused '//py:default_layer_tier has its own layout and groups; leave out root' "$binary" 'layer_tier = "@rules_image_layers//py:default_layer_tier"' 'root = "/"'
refused '//py:default_layer_tier has its own layout and groups; leave out layer_groups' "$binary" 'layer_tier = "@rules_image_layers//py:default_layer_tier"' 'layer_groups = {"mine": "x"}'
refused 'LayerTierInfo' "$binary" 'layer_tier = "//:app"'

# Whole images.
rule=py_image refused 'attribute binary: give a py_binary'
rule=py_image refused 'attribute platforms: it replaces target_platform; leave out one of the two' "$binary" 'platforms = ["//:a"]' 'target_platform = "//:a"'
# shellcheck disable=SC2016 # no expansion is meant
rule=py_image refused 'several `platforms`; write that instead' "$binary" 'platform = "//:a"'
rule=py_image refused 'attribute env: ["A=b"] is not a dict of string to string; write {"NAME": "VALUE"}' "$binary" 'env = ["A=b"]'
rule=py_image refused 'attribute labels: {"a": 1} is not a dict of string to string' "$binary" 'labels = {"a": 1}'
rule=py_image refused "//py:default_layer_tier has its own layout and groups; leave out root" "$binary" 'layer_tier = "@rules_image_layers//py:default_layer_tier"' 'root = "/"'
rule=py_image refused 'attribute root: "x" is not an absolute path without' "$binary" 'root = "x"'
rule=py_image refused 'attribute platforms: it cannot be a select(), because it decides which targets are declared; declare an image for each list' "$binary" 'platforms = select({"//conditions:default": ["//:a"]})'
rule=py_image refused 'attribute target_platform: it cannot be a select(), because it decides which targets are declared; declare an image for each platform, or set --platforms' "$binary" 'target_platform = select({"//conditions:default": "//:a"})'
rule=py_image refused 'attribute workdir: "relative" of //case:layers is not an absolute path; write e.g. "/srv"' "$binary" 'workdir = "relative"'
rule=py_image refused 'attribute repo_tag: "App" of //case:layers is not the name of an image; write [HOST[:PORT]/]NAME:TAG' "$binary" 'repo_tag = "App"'
rule=py_image refused 'attribute launcher_dir: "bin" is not an absolute path without' "$binary" 'launcher_dir = "bin"'
rule=py_image refused 'attribute launcher: "bin" is not an absolute path without' "$binary" 'launcher = "bin"'
rule=py_image file=//py:docker.bzl refused 'attribute platforms: a docker-archive holds the image of one platform; write target_platform' "$binary" 'platforms = select({"//conditions:default": ["//:a"]})'
rule=py_image file=//py:docker.bzl refused 'attribute platforms: a docker-archive holds the image of one platform; write target_platform' "$binary" 'platforms = ["//:a"]'

# JavaScript.
for rule in js_image_layer js_image; do
  file=//js:defs.bzl refused 'attribute compress: it is another name of compression, which is also given; leave out one of the two' "$binary" 'compress = "zstd"' 'compression = "gzip"'
  file=//js:defs.bzl refused 'attribute compress_level: it is another name of compression_level, which is also given; leave out one of the two' "$binary" 'compress_level = 9' 'compression_level = 6'
done
unset rule

# An expression is checked by the tool that runs it: see its own tests.
echo "bad input: $count refused"
