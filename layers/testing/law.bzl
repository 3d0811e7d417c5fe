"""A test of what must hold for the layers of every image."""

load("@rules_python//python:defs.bzl", "py_test")
load("//layers:providers.bzl", "LayersInfo")

visibility(["//js/...", "//layers/...", "//py/..."])

def _layers_info_impl(ctx):
    layers = ctx.attr.image[LayersInfo].layers
    file = ctx.actions.declare_file(ctx.label.name + ".json")
    ctx.actions.write(file, json.encode([
        {"media_type": layer.media_type, "metadata": layer.metadata.short_path, "tar": layer.tar.short_path}
        for layer in layers
    ]))
    files = [file] + [layer.metadata for layer in layers] + [layer.tar for layer in layers]
    return [DefaultInfo(files = depset([file]), runfiles = ctx.runfiles(files))]

_layers_info = rule(
    implementation = _layers_info_impl,
    doc = "What an image tells other rules of its layers, as JSON, with all that it names.",
    attrs = {"image": attr.label(providers = [LayersInfo])},
)

def law_test(name, image, **kwargs):
    """Checks the layers of an image: see law.py.

    Args:
        name: name of the test.
        image: label of a target in the package, whose table `bazel run` prints.
        **kwargs: common attributes.
    """
    _layers_info(
        name = name + "_layers_info",
        testonly = True,
        image = image,
    )
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
        args = [
            "--told=$(rootpath {}_layers_info)".format(name),
            "{}/{}.args".format(native.package_name(), image.lstrip(":")),
        ],
        data = [image, name + "_layers_info", name + "_metadata"],
        main = "law.py",
        **kwargs
    )
