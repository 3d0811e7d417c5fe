"""What rulesets and the layers of images tell each other.

A rule that returns `UnitInfo` takes part in every image that has its targets, and a rule that takes
`LayersInfo` can make something of layers without reading them. Neither needs a change of this module.
"""

UnitInfo = provider(
    doc = """The unit that a target's files are: a third-party package, or an interpreter.

A unit is compressed once for all images, and is in the layer that the `layer_tier` says. Targets
without this provider are recognised by the marks that known rulesets leave.

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
        "kind": "string: `distribution` for a package, which is in the layer of the group that names it, else in `packages`; or `interpreter` for what runs programs, which is in the layer `interpreter` (`interpreter_group` of the tier). Example: `distribution`.",
        "name": "string: letters, digits, `.`, `_` and `-`. `@HUB//NAME` is its key in `groups` of a tier, whatever HUB is, and `@HUB//NAME:GLOB` that of some of its files, by their paths below their repository. Upper and lower case, and `.`, `_` and `-`, are the same in a key. Example: `rack`.",
        "version": "string: that of the package; empty for none. Example: `3.1.8`.",
    },
)

LayersInfo = provider(
    doc = """The layers of a target. `image_layer`, `py_image_layer` and `js_image_layer` return it.

Who makes an image of them needs no layer to know its digest, diffID and size: read the metadata.
""",
    fields = {
        "layers": "tuple of structs, lowest first: `tar` (File: the layer, compressed or not. Example: `app_default.tar.gz`), `metadata` (File, JSON: its name, digest, diffID, sizes and media type, as `layer_tool` writes it beside the layer; see [formats](../formats.md#metadata). Example: `app_default.metadata.json`) and `media_type` (string, the same as in the metadata, for rules that have to know it beforehand. Example: `application/vnd.oci.image.layer.v1.tar+gzip`).",
    },
)

PlanInfo = provider(
    doc = "What images are made of, for reports and checks.",
    fields = {
        "files": "depset of File: the lists of the files of all layers, which `layer_tool files` and `layer_tool base` write if somebody asks for them. They read the layers. Example: `app_default.files.json`.",
        "plans": "depset of File: the plan of each image, JSON; see [formats](../formats.md#plan). Example: `app.plan.json`.",
    },
)
