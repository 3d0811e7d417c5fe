"""Whether Bazel maps the paths of actions."""

visibility("//layers/...")

PathMappingInfo = provider(
    doc = "How a configuration has paths mapped.",
    fields = {
        "on": "bool: whether `--experimental_output_paths=strip` is set.",
    },
)

path_mapping = rule(
    implementation = lambda ctx: [PathMappingInfo(on = ctx.attr.on)],
    doc = "Tells how its configuration has paths mapped.",
    attrs = {
        "on": attr.bool(doc = "To be selected by the flag.", mandatory = True),
    },
)
