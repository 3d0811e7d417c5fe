#!/usr/bin/env bash
# The images of the documents start, as they stand there, on a base like the one that they name.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
# shellcheck source=e2e/registry.bash
source "$top/e2e/registry.bash"

cd "$top/examples"
build //:layers
tool=$(readlink -f bazel-bin/layers_/layers)
python3 "$top/e2e/oci_layout.py" "$work/debian/layout" /bin/sh PATH=/usr/bin:/bin "$base"

# examples MODULE EXPECTED PAGE FUNCTION: in a copy of a module, each BUILD file of a page that
# has an image by the function. @debian is a base there, and :app of each package is the module's. What
# is of rules_oci as well is e2e/rules_oci's.
examples() {
  local module=$1 expected=$2 page=$3 function=$4 copy=$work/$4_${3//\//_} package output
  mkdir -p "$copy"
  (cd "$top/$module" && git ls-files -z | xargs -0 cp --parents -t "$copy")
  sed -i "s|path = \"../..|path = \"$top|" "$copy/MODULE.bazel"
  cat >>"$copy/MODULE.bazel" <<END
new_local_repository = use_repo_rule("@bazel_tools//tools/build_defs/repo:local.bzl", "new_local_repository")
new_local_repository(
    name = "debian",
    build_file_content = """
filegroup(
    name = "debian",
    srcs = ["layout"],
    visibility = ["//visibility:public"],
)
""",
    path = "$work/debian",
)
END
  (cd "$copy" && prebuilt "$tool" tool)
  python3 - "$top/$page" "$copy" "$function" <<'PY'
import os
import re
import sys

page, copy, function = sys.argv[1:]
blocks = re.findall(r"^```starlark\n(.*?)^```$", open(page).read(), re.M | re.S)
blocks = [block for block in blocks if re.search(rf"^{function}\($", block, re.M) and "rules_oci" not in block]
for number, block in enumerate(blocks):
    package = os.path.join(copy, f"page{number}")
    os.mkdir(package)
    with open(os.path.join(package, "BUILD.bazel"), "w") as file:
        file.write(block + f'\nalias(name = "app", actual = "//:app")\n')
PY
  cd "$copy"
  compgen -G 'page*' >/dev/null || fail "$page has no image by $function"
  # shellcheck disable=SC2016 # evaluated at the end
  cleanups=("(cd '$copy' && bazel shutdown && rm -rf \"\$(bazel info output_base)\") >/dev/null 2>&1" "${cleanups[@]}")
  for package in page*; do
    # The report reads the base, whose label is of another repository.
    build "//$package:image" "//$package:image.report" --output_groups=+report --extra_toolchains=//tool:all --noincompatible_sandbox_hermetic_tmp
    skopeo copy --quiet "oci:bazel-bin/$package/image:latest" "oci:$work/image:test"
    output=$(run_image image)
    [[ $output =~ $expected ]] || fail "image ${package#page} of $page prints: $output"
    rm -rf "$work/image"
  done
  echo "docs: images of $page by $function start"
}

for page in README.md docs/quick-start.md docs/images.md; do
  examples e2e/user_module '^hello$' "$page" py_image
done
examples e2e/js '"greeting":"HELLO WORLD"' docs/quick-start.md js_image
