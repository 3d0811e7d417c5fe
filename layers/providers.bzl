"""What rulesets and the layers of images tell each other.

A rule that returns `UnitInfo` takes part in every image that has its targets; a rule that returns
`LayersInfo` goes wherever an image takes layers. Neither needs a change of this module.
"""

UnitInfo = provider(
    doc = """The unit that a target's files are: a third-party package, or an interpreter.

Every image compresses a unit once, at its own target, and has it in the layer that the `layer_tier`
says. Without this provider a target is recognised by the marks that known rulesets leave.

```starlark
load("@rules_image_layers//layers:providers.bzl", "UnitInfo")

def _gem_impl(ctx):
    files = depset(ctx.files.srcs)
    return [
        DefaultInfo(files = files, runfiles = ctx.runfiles(transitive_files = files)),
        UnitInfo(name = "rack", version = "3.1.8", kind = "distribution", files = files),
    ]
```
""",
    fields = {
        "files": "depset of File: the unit's own, without those of what it depends on. They are in the runfiles of whoever needs the unit.",
        "kind": "string: `distribution` for a package, which is in the layer of the group that names it, else in `packages`; or `interpreter` for what runs programs, which is in the layer of that name (`interpreter_group` of the tier).",
        "name": "string: letters, digits, `.`, `_` and `-`. `@HUB//NAME` is the key of a tier's `groups` for it, whatever HUB is; upper and lower case, and `.`, `_` and `-`, are the same there. Example: `rack`.",
        "version": "string: that of the package; empty for none. Example: `3.1.8`.",
    },
)

LayersInfo = provider(
    doc = """The layers of a target, of which an image can be made without reading them.

`image_layer` and `py_image_layer` return it, and `layers` of `py_image` and `js_image` takes any target that has it.
""",
    fields = {
        "layers": "tuple of structs of two Files, lowest first: `tar` (the layer, compressed or not. Example: `app_default.tar.gz`) and `metadata` (JSON: its name, digest, diffID, sizes and media type, as `layer_tool` writes it beside the layer; see [formats](../formats.md#metadata). Example: `app_default.metadata.json`).",
    },
)

PlanInfo = provider(
    doc = "What images are made of, for reports and checks.",
    fields = {
        "files": "depset of File: the lists of the files of all layers, which `layer_tool files` and `layer_tool base` write if somebody asks for them. They read the layers. Example: `app_default.files.json`.",
        "plans": "depset of File: the plan of each image, JSON; see [formats](../formats.md#plan). Example: `app.plan.json`.",
    },
)
