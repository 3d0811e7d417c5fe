"""Targets that run layer_tool for a person, or as a test."""

load("//layers:toolchain.bzl", "LayerToolInfo")
load(":host_program.bzl", "program_name")
load(":names.bzl", "short_stem")

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

_EXTENSION = ".args"

# What a rule has whose targets `bazel run` starts.
RUN_ATTRS = {
    "_layer_tool": attr.label(
        default = "//layers:layer_tool",
        providers = [LayerToolInfo],
    ),
}

def _path(file):
    return file.path

def link_program(ctx, tool = None):
    """Declares layer_tool under the name of a target.

    Args:
        ctx: the context of an executable rule, with `RUN_ATTRS` unless there is a tool.
        tool: `LayerToolInfo`. Default None: the program for the machine of the person who calls Bazel.

    Returns:
        A struct of `executable` (File) and `runfiles`.
    """
    tool = tool or ctx.attr._layer_tool[LayerToolInfo]
    stem = short_stem(ctx.label.name)

    # In a folder of its own: one with the target's name may be a package that has outputs.
    executable = ctx.actions.declare_file("{}_/{}".format(stem, program_name(stem, tool)))
    ctx.actions.symlink(output = executable, target_file = tool.files_to_run.executable, is_executable = True)
    return struct(executable = executable, runfiles = tool.runfiles)

def declare_program(ctx, files, words = [], tool = None):
    """Declares the program, which is layer_tool with `program_args`.

    Args:
        ctx: the context of an executable rule, with `RUN_ATTRS` unless there is a tool.
        files: dict of flag (string) to depset of File. Each file is given with the flag.
        words: list of string, further arguments.
        tool: as of `link_program`.

    Returns:
        A struct of `executable` (File) and `runfiles`.
    """
    program = link_program(ctx, tool)

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
        executable = program.executable,
        runfiles = ctx.runfiles([arguments], symlinks = links).merge(program.runfiles),
    )

def program_args(command, name):
    """The attribute `args` of the rule's target.

    Args:
        command: string, of layer_tool.
        name: string, the target's.

    Returns:
        A list of string. Paths are below the directory of the main repository in the runfiles, where
        `bazel run` and `bazel test` start.
    """
    repository = native.repo_name()
    folders = ["..", repository] if repository else []
    return [command, "--params=" + "/".join(folders + [part for part in [native.package_name(), short_stem(name) + _EXTENSION] if part])]
