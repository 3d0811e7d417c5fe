"""The toolchain that hands `layer_tool` to the rules of this module."""

load("//layer_tool/private:path_mapping.bzl", "PathMappingInfo")

LayerToolInfo = provider(
    doc = "The program that writes layers.",
    fields = {
        "files_to_run": "`FilesToRunProvider`: the program and its runfiles, to be an action's `executable`. Example: that of `//layer_tool`.",
        "maps_paths": "bool: whether `--experimental_output_paths=strip` is set. Example: `False`.",
    },
)

TOOLCHAIN_TYPE = Label("//layer_tool:toolchain_type")

def _layer_tool_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(
        layer_tool = LayerToolInfo(
            files_to_run = ctx.attr.tool[DefaultInfo].files_to_run,
            maps_paths = ctx.attr._path_mapping[PathMappingInfo].on,
        ),
    )]

layer_tool_toolchain = rule(
    implementation = _layer_tool_toolchain_impl,
    doc = """Makes any executable a `layer_tool` toolchain.

Wrap it in a `toolchain` and register that ahead of this module's own:

```starlark
layer_tool_toolchain(
    name = "my_layer_tool",
    tool = "//third_party:layer_tool",
)

toolchain(
    name = "my_layer_tool_toolchain",
    toolchain = ":my_layer_tool",
    toolchain_type = "@rules_image_layers//layer_tool:toolchain_type",
)
```

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
            default = "//layer_tool/private:path_mapping",
            providers = [PathMappingInfo],
        ),
    },
)
