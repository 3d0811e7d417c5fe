"""py_image as pycross_image has it for rules_oci: an OCI image layout.

It is `py_image` of `//py:defs.bzl` with the paths of pycross_image: the launcher is at
/PACKAGE/NAME/NAME. `:NAME.tar` is for `docker load`.
"""

load("//py/private:pycross_image.bzl", _py_image = "py_oci_image")

py_image = _py_image
