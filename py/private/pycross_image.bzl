"""The two macros of pycross_image, over py_image."""

load("//image/private:command.bzl", "docker_archive")
load("//layers/private:select.bzl", "is_given")
load("//layers/private:targets.bzl", "common_attributes", "manual")
load("//py/private:py_image.bzl", "py_image")

visibility("//py/...")

def py_oci_image(name, binary, cross_name_prefix = None, python_config_setting = None, root = "/", **kwargs):  # buildifier: disable=unused-variable
    """Makes an OCI image layout from a py_binary, at the paths of pycross_image.

    Use it to move from pycross_image: change the `load` statement, and an image keeps its entrypoint,
    command and working directory. `bazel build :NAME.tar` makes the tar for `docker load`. An image
    for one platform also has its layers: `:NAME.interpreter_layer`, `:NAME.packages_layer` and
    `:NAME.app_layer`.

    Args:
        name: string, name of the image, and prefix of the names of the other targets.
        binary: label of a py_binary.
        cross_name_prefix: accepted for compatibility. It has no effect, because no other binary is
            declared.
        python_config_setting: accepted for compatibility. It has no effect, because the interpreter
            is the one that the binary is built with.
        root: string, as in `py_image`. Default `"/"`.
        **kwargs: other arguments of `py_image`.
    """
    py_image(name = name, binary = binary, root = "/" if root == None else root, **kwargs)
    if not kwargs.get("platforms"):
        _layer_targets(name, name, manual(common_attributes(kwargs)))

# Layers by their names in pycross_image.
_LAYERS = {
    "app_layer": "default",
    "interpreter_layer": "interpreter",
    "packages_layer": "packages",
}

def _layer_targets(name, image, common):
    for suffix, layer in _LAYERS.items():
        native.filegroup(
            name = "{}.{}".format(name, suffix),
            srcs = [image],
            output_group = "layer_" + layer,
            **common
        )

def py_docker_image(name, binary, platforms = [], **kwargs):
    """Makes a tar for `docker load` from a py_binary, at the paths of pycross_image.

    `:NAME` is the tar (a docker-archive), `:NAME.oci` the same image as an OCI image layout.

    Args:
        name: string, name of the tar, and prefix of the names of the other targets.
        binary: label of a py_binary.
        platforms: an error, because a docker-archive holds the image of one platform.
        **kwargs: other arguments of `py_image` of `//py:oci.bzl`.
    """
    if is_given(platforms):
        fail("attribute platforms: a docker-archive holds the image of one platform; write target_platform, or load py_image from //py:defs.bzl")
    common = manual(common_attributes(kwargs))
    layout = name + ".oci"
    py_oci_image(name = layout, binary = binary, **kwargs)
    docker_archive(name = name, image = layout, **common)
    _layer_targets(name, layout, common)
    for command in [".load", ".digest"]:
        native.alias(name = name + command, actual = layout + command, **common)
