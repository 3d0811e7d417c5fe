"""A test of what must hold for the layers of every image."""

load("@rules_python//python:defs.bzl", "py_test")

visibility(["//js/...", "//layers/...", "//py/..."])

def law_test(name, image, **kwargs):
    """Checks the layers of an image: see law.py.

    Args:
        name: name of the test.
        image: label of a target in the package, whose table `bazel run` prints.
        **kwargs: common attributes.
    """
    native.filegroup(
        name = name + "_metadata",
        testonly = True,
        srcs = [image],
        output_group = "metadata",
    )
    py_test(
        name = name,
        size = "small",
        srcs = ["//layers/testing:law.py"],
        args = ["{}/{}.args".format(native.package_name(), image.lstrip(":"))],
        data = [image, name + "_metadata"],
        main = "law.py",
        **kwargs
    )
