"""What `bazel run` of an image prints: the table of its layers."""

load("//layer_tool/private:layer.bzl", "layer_tool")

visibility(["//py/..."])

_EXTENSION = ".report"

def declare_report(ctx, metadata):
    """Declares the program, which is layer_tool with `report_args`.

    Args:
        ctx: the context of an executable rule that asks for layer_tool's toolchain.
        metadata: list of File, in the order of the table.

    Returns:
        A struct of `executable` (File) and `runfiles`.
    """
    executable = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = executable, target_file = layer_tool(ctx).executable, is_executable = True)

    # Which layers there are only the rule knows: the macro's arguments name this file.
    arguments = ctx.actions.declare_file(ctx.label.name + _EXTENSION)
    ctx.actions.write(arguments, "".join(["--metadata={}\n".format(file.short_path) for file in metadata]))
    return struct(executable = executable, runfiles = ctx.runfiles(metadata + [arguments]))

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
