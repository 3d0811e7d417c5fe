"""Container image layers from Python targets."""

load("//layers/private:layer_tier.bzl", _layer_tier = "layer_tier")
load("//layers/private:layer_tier_info.bzl", _LayerTierInfo = "LayerTierInfo")
load("//py/private:py_image.bzl", _py_image = "py_image")
load("//py/private:py_image_layer.bzl", _py_image_layer = "py_image_layer")

LayerTierInfo = _LayerTierInfo
layer_tier = _layer_tier

# As rules_py calls the two.
PyLayerTierInfo = _LayerTierInfo
py_layer_tier = _layer_tier

py_image = _py_image
py_image_layer = _py_image_layer
