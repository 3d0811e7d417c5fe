"""The launcher of a js_binary, made ready for a container."""

load("//layers/private:layout.bzl", "image_layout")
load("//layers/private:names.bzl", "short_stem")

visibility(["//js/..."])

_SHEBANG = "#!/usr/bin/env bash"

# js_binary's launcher changes to BAZEL_BINDIR; "." has it stay where the image starts it.
_PREAMBLE = _SHEBANG + """

export BAZEL_BINDIR="."

# patched by js_image_layer for hermeticity
"""

_BINDIR = "export JS_BINARY__BINDIR=\"{}\""
_TARGET_CPU = "export JS_BINARY__TARGET_CPU=\"{}\""

def js_layout(root, label):
    """The paths of a binary in the image, as rules_js has them.

    Args:
        root: string, the folder that holds PACKAGE/NAME; leading dots and slashes are ignored.
        label: Label of the binary.

    Returns:
        A struct as of `image_layout`.
    """
    return image_layout("/" + root.lstrip("./"), label)

def rewrite_launcher(ctx, launcher, name = None):
    """Declares a copy of a launcher without what it holds of the build that made it.

    A program that is not js_binary's launcher is copied as it is.

    Args:
        ctx: the rule context.
        launcher: File, the executable of a binary.
        name: string, to tell several of an image apart; None for one.

    Returns:
        File.
    """
    output = ctx.actions.declare_file(short_stem(ctx.label.name + "_launcher" + ("." + name if name else "")))
    ctx.actions.expand_template(
        template = launcher,
        output = output,
        substitutions = {
            _SHEBANG: _PREAMBLE,
            _TARGET_CPU.format(ctx.var["TARGET_CPU"]): _TARGET_CPU.format("$(uname -m)"),
        } | {
            # With a platform, the binary's output folder is another.
            _BINDIR.format(folder): _BINDIR.format("$(pwd)")
            for folder in [launcher.root.path, ctx.bin_dir.path]
        },
        is_executable = True,
    )
    return output
