"""Container image layers from Python targets."""

load("//py/private:py_image_layer.bzl", _py_image_layer = "py_image_layer")

py_image_layer = _py_image_layer
