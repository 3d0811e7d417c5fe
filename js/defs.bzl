"""Container image layers from JavaScript targets."""

load("//js/private:js_image.bzl", _js_image = "js_image")
load("//js/private:js_image_layer.bzl", _js_image_layer = "js_image_layer")
load("//js/private:layers_rule.bzl", _js_image_layer_lib = "js_image_layer_lib")
load("//js/private:tier.bzl", _js_layer_tier = "js_layer_tier")
load("//layers/private:layer_tier_info.bzl", _LayerTierInfo = "LayerTierInfo")

js_image = _js_image
js_image_layer = _js_image_layer
js_image_layer_lib = _js_image_layer_lib
js_layer_tier = _js_layer_tier
JsLayerTierInfo = _LayerTierInfo
