"""A rule of a ruleset that this module does not know, which says what its targets are."""

load("//layers:providers.bzl", "UnitInfo")

def _fixture_unit_impl(ctx):
    outputs = []
    for path, content in ctx.attr.files.items():
        output = ctx.actions.declare_file("{}/{}".format(ctx.label.name, path))
        ctx.actions.write(output, content)
        outputs.append(output)
    files = depset(outputs)
    return [
        DefaultInfo(
            files = files,
            runfiles = ctx.runfiles(outputs).merge_all([dep[DefaultInfo].default_runfiles for dep in ctx.attr.deps]),
        ),
        UnitInfo(name = ctx.attr.unit, version = ctx.attr.version, kind = ctx.attr.kind, files = files),
    ]

fixture_unit = rule(
    implementation = _fixture_unit_impl,
    attrs = {
        "deps": attr.label_list(),
        "files": attr.string_dict(doc = "Path below the target's folder to content."),
        "kind": attr.string(),
        "unit": attr.string(doc = "Its name."),
        "version": attr.string(),
    },
)
