"""Providers that connect other rulesets with the layers of images.

Return `UnitInfo` from a rule so that images know its packages. Take `LayersInfo` in a rule to use layers
without reading them. Neither needs a change of this module.
"""

UnitInfo = provider(
    doc = """Says that the files of a target are a unit: a third-party package, or an interpreter.

A unit is compressed once for all images. The `layer_tier` says which layer it is in. Targets of
known rulesets do not need this provider, because this module recognises their packages.

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
        "files": "depset of File: the files of the unit, without those of its dependencies. They must be in the runfiles of each binary that needs the unit. Example: `depset(ctx.files.srcs)`.",
        "kind": "string: `distribution` for a package, which is in the group that names it, or else in the layer `packages`. `interpreter` for what runs programs, which is in the layer `interpreter` (`interpreter_group` of the tier). Anything else is an error. Example: `distribution`.",
        "name": "string: name of the package, of letters, digits, `.`, `_` and `-`; any other character is an error. In `groups` of a tier, the key `@HUB//NAME` names the package, whatever HUB is, and `@HUB//NAME:GLOB` some of its files, by their paths below their repository. Keys do not distinguish upper and lower case, nor `.`, `_` and `-`. Example: `rack`.",
        "version": "string: version of the package; empty if it has none. Example: `3.1.8`.",
    },
)

LayersInfo = provider(
    doc = """The layers of a target. `image_layer`, `py_image_layer` and `js_image_layer` return it.

A rule that makes an image from layers does not need to read them: their digests, diffIDs and sizes
are in the metadata.
""",
    fields = {
        "layers": "tuple of structs, one for each layer, lowest first. Fields: `tar` (File: the layer, compressed or not. Example: `app_default.tar.gz`), `metadata` (File: JSON with the name, digest, diffID, sizes and media type of the layer, see [formats](../formats.md#metadata). Example: `app_default.metadata.json`) and `media_type` (string: the media type in the metadata, for rules that need it at analysis. Example: `application/vnd.oci.image.layer.v1.tar+gzip`).",
    },
)

LayoutInfo = provider(
    doc = """Says how the executable in layers starts. `image_layer`, `py_image_layer` and `js_image_layer` return it.

A rule that makes an image from these layers uses the values as defaults.
""",
    fields = {
        "cmd": "list of string: words that follow the entrypoint. The `args` of the executable come after them. Example: `[]`.",
        "entrypoint": "list of string: the command that starts the executable. Example: `[\"/app\"]`.",
        "env": "dict of string to string: environment variables of the executable (its attribute `env`). Example: `{\"MODE\": \"production\"}`.",
        "label": "Label of the executable. An image without a name of its own is named after it. Example: `//services:server`.",
        "launcher": "File or None: the program that the entrypoint starts. If it is a Python script, the image starts it with `python`.",
        "python": "string or None: absolute path of the Python interpreter in the image, for a Python executable. Example: `/app.runfiles/python_3_11/bin/python3`.",
        "runfiles": "string: absolute path of the runfiles directory. Example: `/app.runfiles`.",
        "workdir": "string: absolute path of the working directory, where `bazel run` starts, too. Example: `/app.runfiles/_main`.",
    },
)

PlanInfo = provider(
    doc = "Says what images are made of, for reports and checks.",
    fields = {
        "files": "depset of File: JSON lists of the files of all layers. Their actions (`layer_tool files`, `layer_tool base`) read the layers, and run only if somebody needs the lists. Example: `app_default.files.json`.",
        "plans": "depset of File: the plan of each image, as JSON; see [formats](../formats.md#plan). Example: `app.plan.json`.",
    },
)
