#!/usr/bin/env bash
# Ten images over the packages of the example: what they share, and what runs again.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
cd "$top/examples"

# Written anew each time, so that what the test changes is in no cache.
stamp=$(date +%s%N)
mkdir tiers_case tiers_case/{lib,images}
# shellcheck disable=SC2016 # evaluated at the end
cleanups=('rm -rf "$top/examples/tiers_case"' "${cleanups[@]}")

packages=(numpy pandas requests idna certifi urllib3 pytz tzdata python_dateutil charset_normalizer)
echo "stamp = $stamp" >tiers_case/lib/shared.py
cat >tiers_case/lib/BUILD.bazel <<'EOF'
load("@rules_python//python:defs.bzl", "py_library")

py_library(
    name = "lib",
    srcs = ["shared.py"],
    visibility = ["//visibility:public"],
)
EOF
{
  cat <<EOF
load("@pip//:requirements.bzl", "requirement")
load("@rules_image_layers//py:defs.bzl", "layer_tier")
load("@rules_python//python:defs.bzl", "py_binary")

package(default_visibility = ["//visibility:public"])

layer_tier(
    name = "regrouping",
    groups = {
        "@pip//numpy": "science_$stamp",
        "@pip//pandas": "science_$stamp",
        "@pip//requests": "web",
        "@pip//urllib3": "web",
    },
)

layer_tier(
    name = "splitting",
    compression = {"objects": ["zstd", "3"], "web": ["none"]},
    groups = {
        "@pip//numpy:**/*.so": "objects",
        "@pip//pandas:**/*.so": "objects",
        "@pip//requests": "web",
        "//tiers_case/lib": "lib",
    },
    owner = "1000",
    root = "/srv/app",
)

# In no cache of an earlier run.
layer_tier(
    name = "stamped",
    root = "/srv/$stamp",
)

constraint_setting(name = "libc")

constraint_value(
    name = "another_libc",
    constraint_setting = ":libc",
)

platform(
    name = "another",
    constraint_values = [":another_libc"],
    parents = ["@local_config_platform//:host"],
)

layer_tier(
    name = "with_variants",
    variants = [":splitting"],
)
EOF
  for i in {0..9}; do
    echo "print($i, $stamp)" >"tiers_case/app$i.py"
    printf 'py_binary(name = "app%s", srcs = ["app%s.py"], deps = ["//tiers_case/lib", requirement("%s"), requirement("%s")])\n' \
      "$i" "$i" "${packages[i]}" "${packages[(i + 1) % 10]}"
  done
} >tiers_case/BUILD.bazel

# images [ATTRIBUTE...]: an image of each binary, each with these attributes.
images() {
  echo 'load("@rules_image_layers//py:defs.bzl", "py_image_layer")'
  for i in {0..9}; do
    printf 'py_image_layer(name = "image%s", binary = "//tiers_case:app%s"' "$i" "$i"
    [ $# = 0 ] || printf ', %s' "$@"
    echo ')'
  done
}
images >tiers_case/images/BUILD.bazel
set_of_images=$(printf '//tiers_case/images:image%s ' {0..9})

# fragments [FLAG...]: the number of actions that compress a part of the ten images.
fragments() {
  bazel aquery "$@" --output=summary "mnemonic(ImageFragment, deps(set($set_of_images)))" 2>"$work/log" |
    sed -n 's/^  ImageFragment: //p' || { cat "$work/log" >&2; fail aquery; }
}

# ran [FLAG...]: what ran, and was in no cache, to build the ten images.
ran() {
  # shellcheck disable=SC2086 # a list
  build $set_of_images --execution_log_json_file="$work/run.log" "$@"
  python3 "$top/e2e/spawns.py" "$work/run.log" ImageConcat ImageDescribe ImageFragment ImageLayer ImagePlan ImageSplit ImageValidate | cut -d' ' -f1,3
}

# Each distribution that a query finds in the closure, and the interpreter.
bazel cquery "attr(tags, 'pypi_name=', deps(set($set_of_images)))" >"$work/packages" 2>"$work/log" || { cat "$work/log" >&2; fail query; }
units=$(($(cut -d' ' -f1 "$work/packages" | sort -u | wc -l) + 1))
[ "$units" -ge 10 ] || fail "only $units units in the closure"
expect_equal "compressions of ten images" "$units" "$(fragments)"
expect_equal "compressions under a tier that regroups" "$units" "$(fragments --@rules_image_layers//py:layer_tier=//tiers_case:regrouping)"

ran >/dev/null
law() {
  (cd bazel-bin && python3 "$top/layers/testing/law.py" tiers_case/images/image{0..9}.args)
}
law

regrouped=$(ran --@rules_image_layers//py:layer_tier=//tiers_case:regrouping)
grep -q 'ImageConcat .*_science_' <<<"$regrouped" || fail "the tier regrouped nothing: $regrouped"
expect_equal "what ran but concatenations, for a tier that regroups" "" "$(grep -vE '^Image(Concat|Describe|Plan|Validate) ' <<<"$regrouped")"
law

# The plan says why, and is what the layers are.
bazel run --disk_cache="$disk_cache" --@rules_image_layers//py:layer_tier=//tiers_case:regrouping \
  //tiers_case/images:image0.plan >"$work/plan" 2>"$work/log" || { cat "$work/log" >&2; fail "bazel run of a plan"; }
grep -q "^  numpy .* \"@pip//numpy\" of //tiers_case:regrouping$" "$work/plan" ||
  fail "the plan does not say why numpy is where it is: $(cat "$work/plan")"
(cd bazel-bin && python3 "$top/e2e/tiers/plan.py" tiers_case/images/image0)
echo "tiers: $units compressions for ten images, none for other groups"

# Pinning: the images' own package is loaded again, and nothing below it analysed.
images 'layer_tier = "//tiers_case:regrouping"' >tiers_case/images/BUILD.bazel
# shellcheck disable=SC2086 # a list
build $set_of_images
images >tiers_case/images/BUILD.bazel
# shellcheck disable=SC2086 # a list
build $set_of_images
configured=$(sed -n 's/.*Analyzed 10 targets (1 packages loaded, \([0-9]*\) targets configured).*/\1/p' "$work/build.log")
expect_equal "targets configured for ten images that no longer pin a tier" 10 "$configured"

# What a warning suggests is pasted, and there is nothing more to warn of.
images 'warn_remote_cache_threshold_mb = 15' 'group_execution_requirements = {"packages": ["no-remote-cache"]}' >tiers_case/images/BUILD.bazel
build //tiers_case/images:image1
grep -q 'layer_tool: warning: //tiers_case/images:image1: layer packages has .* (warn_remote_cache_threshold_mb = 15)' "$work/build.log" ||
  fail "no warning of a large layer: $(cat "$work/build.log")"
sed -n '/^layer_tier(/,/^)/p' bazel-bin/tiers_case/images/image1.warnings >>tiers_case/BUILD.bazel
build //tiers_case/images:image1 --@rules_image_layers//py:layer_tier=//tiers_case:tier
expect_equal "warnings with the tier that was suggested" "" "$(cat bazel-bin/tiers_case/images/image1.warnings)"
bazel aquery 'mnemonic("Image(Concat|Layer)", //tiers_case/images:image1)' >"$work/actions" 2>"$work/log" || { cat "$work/log" >&2; fail aquery; }
expect_equal "actions that require something" 1 "$(grep -c 'ExecutionInfo: .*no-remote-cache' "$work/actions")"
echo "tiers: a plan, and a suggestion that fits"

# A tier of another form shares as well, once the flag's tier knows of it.
images 'layer_tier = "//tiers_case:splitting"' >tiers_case/images/BUILD.bazel
variants="--@rules_image_layers//py:layer_tier=//tiers_case:with_variants"
# Numpy and pandas in two parts each, and the library.
expect_equal "compressions of the same with variants" "$((units + units + 3))" "$(fragments "$variants")"
ran "$variants" >/dev/null
law
[ -e bazel-bin/tiers_case/images/image0_objects.tar.zst ] || fail "no layer objects"
[ -e bazel-bin/tiers_case/images/image2_web.tar ] || fail "no layer web"
tar -tvf bazel-bin/tiers_case/images/image0_lib.tar.gz --numeric-owner | grep -q ' 1000/0 .* srv/app.runfiles/_main/tiers_case/lib/shared.py$' ||
  fail "the library is not where the tier puts it"
echo "tiers: pinned without an analysis of the closure, other forms shared by variants"

# Another platform compresses nothing again of what does not depend on it, if paths do not either.
images >tiers_case/images/BUILD.bazel
compressed() {
  build //tiers_case/images:image2 --execution_log_json_file="$work/run.log" \
    --@rules_image_layers//py:layer_tier=//tiers_case:stamped --experimental_output_paths=strip "$@"
  python3 "$top/e2e/spawns.py" "$work/run.log" ImageFragment | grep -c . || true
}
first=$(compressed)
[ "$first" -gt 2 ] || fail "only $first fragments of an image"
expect_equal "compressions for another platform, with paths stripped" 0 "$(compressed --platforms=//tiers_case:another)"
echo "tiers: $first compressions for a platform, none for a second one"

# An edit, with the machine's own cache and with none but the disk's.
images >tiers_case/images/BUILD.bazel
ran >/dev/null
echo "# edited" >>tiers_case/app3.py
edited="ImageLayer image3_default.metadata.json
ImagePlan image3.plan.json
ImageValidate image3.warnings"
expect_equal "what ran after an edit" "$edited" "$(ran)"
bazel clean >/dev/null 2>&1
echo "# edited again" >>tiers_case/app3.py
expect_equal "what ran after an edit, with a disk cache only" "$edited" "$(ran)"
echo "tiers: one layer for an edit, and its plan"
