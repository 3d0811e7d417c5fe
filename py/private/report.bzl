"""What `bazel run` of an image prints: the table of its layers, or its plan."""

load("//layer_tool:toolchain.bzl", "TOOLCHAIN_TYPE")
load("//layer_tool/private:layer.bzl", "layer_tool")

visibility(["//py/..."])

_EXTENSION = ".report"

def _short_path(file):
    return file.short_path

def declare_report(ctx, flag, files):
    """Declares the program, which is layer_tool with `report_args`.

    Args:
        ctx: the context of an executable rule that asks for layer_tool's toolchain.
        flag: string, the flag of `layer_tool report` that takes a file.
        files: depset of File, in the order of the table.

    Returns:
        A struct of `executable` (File) and `runfiles`.
    """
    executable = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = executable, target_file = layer_tool(ctx).executable, is_executable = True)

    # Which files there are only the rule knows: the macro's arguments name this one.
    arguments = ctx.actions.declare_file(ctx.label.name + _EXTENSION)
    lines = ctx.actions.args()
    lines.set_param_file_format("multiline")
    lines.add_all(files, map_each = _short_path, format_each = flag + "=%s")
    ctx.actions.write(arguments, lines)
    return struct(executable = executable, runfiles = ctx.runfiles([arguments], transitive_files = files))

def report_args(package, name):
    """The attribute `args` of the rule's target.

    Args:
        package: string.
        name: string.

    Returns:
        A list of string. Paths are those in the runfiles of the main repository, where
        `bazel run` starts.
    """
    return ["report", "@" + "/".join([part for part in [package, name + _EXTENSION] if part])]

def _plan_report_impl(ctx):
    report = declare_report(ctx, "--plan", ctx.attr.image[OutputGroupInfo].plan)
    return [DefaultInfo(executable = report.executable, runfiles = report.runfiles)]

plan_report = rule(
    implementation = _plan_report_impl,
    doc = "Prints the plan of an image.",
    attrs = {
        "image": attr.label(doc = "A target with the output group `plan`.", providers = [OutputGroupInfo]),
    },
    executable = True,
    toolchains = [TOOLCHAIN_TYPE],
)
