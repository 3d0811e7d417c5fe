"""Golden listings of layers, for the tests of this repository."""

load("@bazel_lib//lib:write_source_files.bzl", "write_source_files")
load("//layers:toolchain.bzl", "LAYER_TOOL", "TOOLCHAIN_TYPE")
load("//layers/private:layer.bzl", "layer_tool_info")

visibility(["//js/...", "//layers/...", "//py/..."])

# Releases of Bazel spell canonical repository names differently, so these, and the size
# of the mapping that holds them, are masked.
_LIST = """\
"$1" ls "$2" | sed -E \
  -e 's/(_main~|\\+)(js_)?test_repositories[~+]/@/g' \
  -e 's/ [0-9]+ ([^ ]+ [^ ]+_repo_mapping)$/ - \\1/' | LC_ALL=C $4 > "$3"
"""

def _listing_impl(ctx):
    listing = ctx.actions.declare_file(ctx.label.name + ".txt")
    tool = layer_tool_info(ctx).files_to_run
    layer = ctx.file.layer
    ctx.actions.run_shell(
        command = "set -o pipefail; " + _LIST,
        arguments = [tool.executable.path, layer.path, listing.path, "sort -k5" if ctx.attr.sorted else "cat"],
        inputs = [layer],
        tools = [tool],
        outputs = [listing],
        mnemonic = "ListLayer",
        toolchain = TOOLCHAIN_TYPE,
    )
    return [DefaultInfo(files = depset([listing]))]

_listing = rule(
    implementation = _listing_impl,
    attrs = {
        "layer": attr.label(allow_single_file = True, mandatory = True),
        "sorted": attr.bool(),
    },
    toolchains = LAYER_TOOL,
)

def golden_listings(name, layers, sorted = [], **kwargs):
    """Compares whole listings of layers with files of the source tree.

    `bazel run :NAME` rewrites the files.

    Args:
        name: name of the target that rewrites; its tests are named after it.
        layers: dict of file, relative to the package, to the label of a layer.
        sorted: list of those of the files whose lines are sorted: of layers with files of external
            repositories and of the main one, whose order goes by how the names are spelled.
        **kwargs: common attributes.
    """
    files = {}
    for file, layer in layers.items():
        target = "{}_{}".format(name, file.replace("/", "_"))
        _listing(name = target, layer = layer, sorted = file in sorted, testonly = True)
        files[file] = target
    write_source_files(
        name = name,
        files = files,
        testonly = True,
        **kwargs
    )
