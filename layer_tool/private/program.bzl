"""Targets that run layer_tool for a person, or as a test."""

load(":layer.bzl", "layer_tool")
load(":names.bzl", "short_stem")

visibility(["//image/...", "//layer_tool/...", "//py/..."])

_EXTENSION = ".args"

def _path(file):
    return file.path

def declare_program(ctx, files, words = []):
    """Declares the program, which is layer_tool with `program_args`.

    Args:
        ctx: the context of an executable rule that asks for `TOOLCHAIN_TYPE`.
        files: dict of flag (string) to depset of File, which it is given one by one.
        words: list of string, further arguments.

    Returns:
        A struct of `executable` (File) and `runfiles`.
    """
    executable = ctx.actions.declare_file(short_stem(ctx.label.name))
    ctx.actions.symlink(output = executable, target_file = layer_tool(ctx).executable, is_executable = True)

    # Which files there are only the rule knows: the macro's arguments name this one.
    arguments = ctx.actions.declare_file(short_stem(ctx.label.name) + _EXTENSION)
    lines = ctx.actions.args()
    lines.set_param_file_format("multiline")
    for flag, values in files.items():
        lines.add_all(values, map_each = _path, format_each = flag + "=%s")
    lines.add_all(words)
    ctx.actions.write(arguments, lines)

    # Of one target for several platforms the files have one name among runfiles, but not one path.
    links = {file.path: file for values in files.values() for file in values.to_list()}
    return struct(
        executable = executable,
        runfiles = ctx.runfiles([arguments], symlinks = links),
    )

def program_args(command, name):
    """The attribute `args` of the rule's target.

    Args:
        command: string, of layer_tool.
        name: string, the target's.

    Returns:
        A list of string. Paths are those in the runfiles of the main repository, where
        `bazel run` and `bazel test` start.
    """
    repository = native.repo_name()
    folders = ["..", repository] if repository else []
    return [command, "@" + "/".join(folders + [part for part in [native.package_name(), short_stem(name) + _EXTENSION] if part])]
