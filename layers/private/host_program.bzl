"""layer_tool for the machine of the person who calls `bazel run`."""

load("//layers:toolchain.bzl", "HOST_TOOLCHAIN_TYPE", "LayerToolInfo", "TOOLCHAIN_TYPE")
load(":hosts.bzl", "NO_PROGRAM")

visibility("//layers/...")

_PLATFORMS = "//command_line_option:platforms"

# Not the value of --host_platform: with remote executors people set that to theirs.
_on_this_machine = transition(
    implementation = lambda _settings, _attr: {_PLATFORMS: str(Label("@platforms//host"))},
    inputs = [],
    outputs = [_PLATFORMS],
)

def program_name(name, tool):
    """The file name of a program that is layer_tool.

    Args:
        name: string, without an ending.
        tool: `LayerToolInfo`.

    Returns:
        A string. On Windows it ends with `.exe`, because Windows starts no other files.
    """
    return name + (".exe" if tool.files_to_run.executable.extension == "exe" else "")

def _host_layer_tool_impl(ctx):
    toolchain = ctx.toolchains[HOST_TOOLCHAIN_TYPE] or ctx.toolchains[TOOLCHAIN_TYPE]
    if not toolchain:
        fail(NO_PROGRAM.format(of = "this machine"))
    tool = toolchain.layer_tool
    executable = ctx.actions.declare_file(program_name(ctx.label.name, tool))
    ctx.actions.symlink(output = executable, target_file = tool.files_to_run.executable, is_executable = True)
    return [
        tool,
        DefaultInfo(executable = executable, runfiles = tool.runfiles),
    ]

host_layer_tool = rule(
    implementation = _host_layer_tool_impl,
    doc = "layer_tool for the machine of the person who calls Bazel, whatever platform is built for, and wherever actions run.",
    cfg = _on_this_machine,
    executable = True,
    provides = [LayerToolInfo],
    toolchains = [
        config_common.toolchain_type(type, mandatory = False)
        for type in [HOST_TOOLCHAIN_TYPE, TOOLCHAIN_TYPE]
    ],
)
