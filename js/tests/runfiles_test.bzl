"""A test that an image has all of a binary's runfiles."""

load("@rules_python//python:defs.bzl", "py_test")
load("//js:defs.bzl", "js_image_layer")

_runfiles_manifest = rule(
    implementation = lambda ctx: [DefaultInfo(files = depset([ctx.attr.binary[DefaultInfo].files_to_run.runfiles_manifest]))],
    doc = "The manifest of a binary's runfiles tree, as Bazel writes it.",
    attrs = {"binary": attr.label(mandatory = True)},
)

def runfiles_test(name, binary, **kwargs):
    """Compares the paths in the layers of an image with those of the runfiles.

    Args:
        name: name of the test.
        binary: label of the binary in the package, which stands at the root of the image.
        **kwargs: what else js_image_layer is told.
    """
    js_image_layer(name = name + "_layers", binary = binary, testonly = True, **kwargs)

    # Of a target that `bazel run` starts, a location is that of its program.
    native.filegroup(
        name = name + "_tars",
        testonly = True,
        srcs = [name + "_layers"],
    )
    _runfiles_manifest(name = name + "_manifest", binary = binary, testonly = True)
    py_test(
        name = name,
        size = "small",
        srcs = ["runfiles_test.py"],
        args = [
            "{}/{}.runfiles".format(native.package_name(), binary.lstrip(":")),
            "$(rootpaths :{}_manifest)".format(name),
            "$(rootpaths :{}_tars)".format(name),
        ],
        data = [name + "_manifest", name + "_tars"],
        main = "runfiles_test.py",
    )
