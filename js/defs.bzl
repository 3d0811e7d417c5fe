"""Container image layers from JavaScript targets."""

load("//js/private:js_image_layer.bzl", _js_image_layer = "js_image_layer", _js_image_layer_lib = "js_image_layer_lib")

js_image_layer = _js_image_layer
js_image_layer_lib = _js_image_layer_lib
