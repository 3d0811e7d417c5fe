"""Container image layers from any executable."""

load("//layers/private:image_layer.bzl", _image_layer = "image_layer")
load("//layers/private:layer_tier.bzl", _LayerTierInfo = "LayerTierInfo", _layer_tier = "layer_tier")

LayerTierInfo = _LayerTierInfo
image_layer = _image_layer
layer_tier = _layer_tier
