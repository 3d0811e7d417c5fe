"""A test that starts what an image has."""

load("@rules_python//python:defs.bzl", "py_test")

def run_test(name, image, launcher, expected):
    """Unpacks the layers of an image and starts a program there.

    Args:
        name: name of the test.
        image: name of an `image_layer` in the package.
        launcher: string, path of the launcher in the image.
        expected: string, what it prints.
    """
    native.filegroup(
        name = name + "_layers",
        testonly = True,
        srcs = [image + "_no_src", image + "_only_src"],
    )
    py_test(
        name = name,
        size = "small",
        testonly = True,
        srcs = ["run_test.py"],
        args = [
            launcher,
            "'{}'".format(expected),
            "$(rootpaths :{}_layers)".format(name),
        ],
        data = [name + "_layers"],
        main = "run_test.py",
    )
