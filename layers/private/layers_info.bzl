"""What an image needs to know of layers."""

visibility(["//image/...", "//js/...", "//py/..."])

LayersInfo = provider(
    doc = "The layers of a target, of which an image can be made without reading them.",
    fields = {
        "layers": "tuple of structs of the Files `tar` and `metadata` (what `layer_tool` wrote beside it), lowest first.",
    },
)

def layers_info(layers):
    """The provider for layers that were written.

    Args:
        layers: list of structs of `write_layer` or `concat_layer`, lowest first.

    Returns:
        `LayersInfo`.
    """
    return LayersInfo(layers = tuple([struct(tar = layer.tar, metadata = layer.metadata) for layer in layers]))
