"""The toolchain that provides `layer_tool` to the rules of this module."""

load("@platforms//host:constraints.bzl", "HOST_CONSTRAINTS")
load("//layers/private:path_mapping.bzl", "PathMappingInfo")

LayerToolInfo = provider(
    doc = "The program that writes layers.",
    fields = {
        "files_to_run": "`FilesToRunProvider`: the program and its runfiles, for `executable` of an action. Example: that of a prebuilt `layer_tool`.",
        "maps_paths": "bool: whether `--experimental_output_paths=strip` is set. Example: `False`.",
        "runfiles": "`runfiles`: the runfiles of the program, for rules whose targets start it outside of an action. Example: empty for a prebuilt program.",
    },
)

# What actions run.
TOOLCHAIN_TYPE = Label("//layers:toolchain_type")

# The `toolchains` of a rule whose actions run it. It is not mandatory, so that our own error can say
# what to do if there is none.
LAYER_TOOL = [config_common.toolchain_type(TOOLCHAIN_TYPE, mandatory = False)]

# What `bazel run` starts. Its target platform is the machine of the caller.
HOST_TOOLCHAIN_TYPE = Label("//layers:host_toolchain_type")

def _layer_tool_toolchain_impl(ctx):
    tool = ctx.attr.tool[DefaultInfo]
    return [platform_common.ToolchainInfo(
        layer_tool = LayerToolInfo(
            files_to_run = tool.files_to_run,
            maps_paths = ctx.attr._path_mapping[PathMappingInfo].on,
            runfiles = tool.default_runfiles,
        ),
    )]

_layer_tool_toolchain = rule(
    implementation = _layer_tool_toolchain_impl,
    doc = "The program of a toolchain: see `layer_tool_toolchain`, its macro.",
    attrs = {
        "tool": attr.label(
            mandatory = True,
            allow_files = True,
            executable = True,
            cfg = "exec",
        ),
        "_path_mapping": attr.label(
            default = "//layers/private:path_mapping",
            providers = [PathMappingInfo],
        ),
    },
)

def layer_tool_toolchain(name, tool, runs_on = [], visibility = None):
    """Makes any executable the `layer_tool` of a build.

    ```starlark
    load("@rules_image_layers//layers:toolchain.bzl", "layer_tool_toolchain")

    layer_tool_toolchain(
        name = "my_layer_tool",
        tool = "//third_party:layer_tool",
    )
    ```

    Register both of its toolchains in `MODULE.bazel`. They are asked before those of this module:

    ```starlark
    register_toolchains(
        "//:my_layer_tool.toolchain",
        "//:my_layer_tool.host_toolchain",
    )
    ```

    `NAME` provides `ToolchainInfo` with one field, `layer_tool`, a `LayerToolInfo`.

    - `NAME.toolchain` is for actions. Its type is `@rules_image_layers//layers:toolchain_type`.
    - `NAME.host_toolchain` is for programs that `bazel run` starts on your own machine. Its type is
      `@rules_image_layers//layers:host_toolchain_type`, and its target platform is that machine.

    Args:
        name: string, name of the target, and prefix of the names of its toolchains.
        tool: label of an executable with the command line of `layer_tool` (`layer_tool --help`).
            It is built for the execution platform.
        runs_on: list of labels of constraint values: the platforms that the program runs on. Set it
            for a program that is not built but downloaded or checked in. Default `[]`: the program
            runs on the platform that it is built for.
        visibility: list of labels, visibility of `NAME`. Default None: that of the package.
    """
    _layer_tool_toolchain(
        name = name,
        tool = tool,
        visibility = visibility,
    )
    native.toolchain(
        name = name + ".toolchain",
        exec_compatible_with = runs_on,
        toolchain = name,
        toolchain_type = TOOLCHAIN_TYPE,
    )
    native.toolchain(
        name = name + ".host_toolchain",
        exec_compatible_with = [] if runs_on else [Label(constraint) for constraint in HOST_CONSTRAINTS],
        target_compatible_with = runs_on,
        toolchain = name,
        toolchain_type = HOST_TOOLCHAIN_TYPE,
    )
