"""Layers for the images of rules_img."""

load("@rules_image_layers//layers:providers.bzl", "LayersInfo")
load("@rules_image_layers//layers:toolchain.bzl", "TOOLCHAIN_TYPE")
load("@rules_img//img:providers.bzl", "SingleLayerInfo", ImgLayersInfo = "LayersInfo")

# Which fields there are differs from release to release, and nothing public tells.
load("@rules_img//img/private/providers:single_layer_info.bzl", "FIELDS")

def _metadata(ctx, number, layer):
    """What rules_img wants to know of a layer, made of its metadata: the layer is not read."""
    descriptor = ctx.actions.declare_file("{}_{}.descriptor.json".format(ctx.label.name, number))
    args = ctx.actions.args()
    args.add("descriptor", layer.metadata)
    args.add("--output", descriptor)
    ctx.actions.run(
        executable = ctx.toolchains[TOOLCHAIN_TYPE].layer_tool.files_to_run,
        toolchain = TOOLCHAIN_TYPE,
        arguments = [args],
        inputs = [layer.metadata],
        outputs = [descriptor],
        mnemonic = "ImageDescriptor",
        progress_message = "Describing image layer %{input} for rules_img",
        execution_requirements = {"supports-path-mapping": ""},
    )
    return descriptor

def _single_layer_info(**kwargs):
    """`SingleLayerInfo` of what this release of rules_img knows; the rest is None."""
    return SingleLayerInfo(**{field: kwargs.get(field) for field in FIELDS})

def _img_layers_impl(ctx):
    layers = [layer for target in ctx.attr.layers for layer in target[LayersInfo].layers]
    infos = [
        _single_layer_info(
            blob = layer.tar,
            estargz = False,
            media_type = layer.media_type,
            metadata = _metadata(ctx, number, layer),
            sources = [],
        )
        for number, layer in enumerate(layers)
    ]
    blobs = depset([info.blob for info in infos])
    metadata = depset([info.metadata for info in infos])
    return [
        DefaultInfo(files = depset(transitive = [blobs, metadata])),
        ImgLayersInfo(layers = infos),
        OutputGroupInfo(layer = blobs, metadata = metadata),
    ]

img_layers = rule(
    implementation = _img_layers_impl,
    doc = """Gives layers of this module to rules_img, for `layers` of its `image_manifest`.

It reads no layer. Each layer is in the image as it is, with its own digest.

```starlark
load("@rules_image_layers//py:defs.bzl", "py_image_layer")
load("@rules_image_layers_rules_img//:defs.bzl", "img_layers")
load("@rules_img//img:image.bzl", "image_manifest")

py_image_layer(
    name = "app_layers",
    binary = ":app",
)

img_layers(
    name = "img_app_layers",
    layers = [":app_layers"],
)

image_manifest(
    name = "image",
    base = "@python",
    entrypoint = ["/app"],
    layers = [":img_app_layers"],
)
```
""",
    attrs = {
        "layers": attr.label_list(
            doc = "Labels of `image_layer`, `py_image_layer`, `js_image_layer`, or other targets with `LayersInfo` of `@rules_image_layers//layers:providers.bzl`. Lowest layers first.",
            mandatory = True,
            providers = [LayersInfo],
        ),
    },
    provides = [ImgLayersInfo],
    toolchains = [TOOLCHAIN_TYPE],
)
