"""Container image layers from any executable."""

load("//layers/private:image_layer.bzl", _image_layer = "image_layer")
load("//layers/private:layer_tier.bzl", _layer_tier = "layer_tier")
load("//layers/private:layer_tier_info.bzl", _LayerTierInfo = "LayerTierInfo")

LayerTierInfo = _LayerTierInfo
image_layer = _image_layer
layer_tier = _layer_tier
