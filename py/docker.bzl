"""py_image as pycross_image has it for rules_docker: a tar for `docker load`.

It is `py_image` of `//py:defs.bzl` with the paths of pycross_image: the launcher is at
/PACKAGE/NAME/NAME. `:NAME` is the tar, `:NAME.oci` the OCI image layout.
"""

load("//py/private:pycross_image.bzl", _py_image = "py_docker_image")

py_image = _py_image
