"""The toolchain that hands `layer_tool` to the rules of this module."""

load("//layers/private:path_mapping.bzl", "PathMappingInfo")

LayerToolInfo = provider(
    doc = "The program that writes layers.",
    fields = {
        "files_to_run": "`FilesToRunProvider`: the program and its runfiles, to be an action's `executable`. Example: that of a prebuilt `layer_tool`.",
        "maps_paths": "bool: whether `--experimental_output_paths=strip` is set. Example: `False`.",
        "runfiles": "`runfiles`: the program's own, for what starts it outside of an action. Example: none, of a prebuilt program.",
    },
)

# What actions run.
TOOLCHAIN_TYPE = Label("//layers:toolchain_type")

# The `toolchains` of a rule whose actions run it. Where there is none, the error is to say what to do.
LAYER_TOOL = [config_common.toolchain_type(TOOLCHAIN_TYPE, mandatory = False)]

# What `bazel run` starts: the target platform is the machine of who calls it.
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

layer_tool_toolchain = rule(
    implementation = _layer_tool_toolchain_impl,
    doc = """Makes any executable a `layer_tool` toolchain.

Wrap it in a `toolchain` and register that, which goes before this module's own:

```starlark
layer_tool_toolchain(
    name = "my_layer_tool",
    tool = "//third_party:layer_tool",
)

toolchain(
    name = "my_layer_tool_toolchain",
    toolchain = ":my_layer_tool",
    toolchain_type = "@rules_image_layers//layers:toolchain_type",
)
```

`toolchain_type` is for actions. What `bazel run` starts is of `host_toolchain_type` beside it, whose
`target_compatible_with` is the machine that calls it; where there is none, the one for actions is
taken.

The target provides `ToolchainInfo` with one field, `layer_tool`, a `LayerToolInfo`.
""",
    attrs = {
        "tool": attr.label(
            doc = "An executable with the command line of `layer_tool` (`layer_tool --help`). Built for the execution platform.",
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
