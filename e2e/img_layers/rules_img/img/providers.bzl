"""Providers by the names that rules_img 0.3.19 has."""

load("//img/private/providers:single_layer_info.bzl", _SingleLayerInfo = "SingleLayerInfo")

SingleLayerInfo = _SingleLayerInfo

LayersInfo = provider(
    doc = "Layers.",
    fields = {"layers": "Iterable of SingleLayerInfo."},
)
