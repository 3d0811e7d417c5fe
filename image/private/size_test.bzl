"""A test of how large an image is."""

load("//layers:providers.bzl", "PlanInfo")
load("//layers:toolchain.bzl", "LAYER_TOOL")
load("//layers/private:layer.bzl", "layer_tool_info")
load("//layers/private:program.bzl", "declare_program", "program_args")

visibility(["//image/..."])

_UNITS = {
    "": 1,
    "B": 1,
    "kB": 1000,
    "KB": 1000,
    "MB": 1000 * 1000,
    "GB": 1000 * 1000 * 1000,
    "KiB": 1 << 10,
    "MiB": 1 << 20,
    "GiB": 1 << 30,
}

def parse_size(attribute, text):
    """The bytes that a size says.

    Args:
        attribute: string, for the message.
        text: string, such as `1.5 GiB`.

    Returns:
        An int. Fails if the text is not a size.
    """
    number = text.rstrip("BGKMik").rstrip(" ")
    unit = text[len(number):].strip(" ")
    whole, point, fraction = number.partition(".")
    if unit not in _UNITS or not whole.isdigit() or (point and not fraction.isdigit()):
        fail("attribute {}: {} is not a size; write digits and one of B, kB, MB, GB, KiB, MiB, GiB, such as \"1.5 MiB\"".format(attribute, repr(text)))
    scale = 1
    for _ in fraction.elems():
        scale *= 10
    return int(whole + fraction) * _UNITS[unit] // scale

def _image_size_test_impl(ctx):
    if not ctx.attr.budgets and not ctx.attr.total:
        fail("attribute budgets: nothing is tested; give {\"LAYER\": \"SIZE\"}, or total")
    words = [
        "--max={}={}".format(layer, parse_size("budgets", size))
        for layer, size in ctx.attr.budgets.items()
    ]
    if ctx.attr.total:
        words.append("--max-total={}".format(parse_size("total", ctx.attr.total)))
    if ctx.attr.uncompressed:
        words.append("--uncompressed")
    info = ctx.attr.image[PlanInfo]
    program = declare_program(ctx, {"--files": info.files, "--plan": info.plans}, words, tool = layer_tool_info(ctx))
    return [DefaultInfo(executable = program.executable, runfiles = program.runfiles)]

_image_size_test = rule(
    implementation = _image_size_test_impl,
    doc = "Fails if an image is too large: see `image_size_test`, its macro.",
    attrs = {
        "budgets": attr.string_dict(),
        "image": attr.label(mandatory = True, providers = [PlanInfo]),
        "total": attr.string(),
        "uncompressed": attr.bool(),
    },
    test = True,
    toolchains = LAYER_TOOL,
)

def image_size_test(name, image, budgets = {}, total = None, uncompressed = False, **kwargs):
    """Tests that an image, and its layers, are not too large.

    ```starlark
    load("@rules_image_layers//image:defs.bzl", "image_size_test")

    image_size_test(
        name = "layers.size_test",
        budgets = {
            "default": "1 MiB",
            "packages": "30 MiB",
        },
        image = ":layers",
        total = "45 MiB",
    )
    ```

    If something is too large, the test fails and prints its ten biggest parts: packages, or files
    if the layer is not made of several packages. The test needs only the layers, and neither a
    network nor a program of the machine.

    A size is digits and one of B, kB, MB, GB (powers of 1000), KiB, MiB, GiB (powers of 1024), such
    as `"1.5 MiB"`. Anything else is an error.

    Args:
        name: string, name of the test.
        image: label of a `py_image_layer`, `js_image_layer`, `image_layer`, `py_image` or
            `js_image`. If it has several platforms, each of its images is tested.
        budgets: dict of string to string, layer to the size that it may have. The layers of a base
            are called `base 1`, `base 2` and so on, lowest first. A tar in `layers` has the name of
            its file. If the image does not have a layer, the test fails. Default `{}`. Either this
            or `total` must be set.
        total: string, the size that all layers together may have. For a whole image that includes
            its base and its `layers`. Default None: any size.
        uncompressed: bool, whether the sizes are those of the uncompressed tars. Default False:
            compressed.
        **kwargs: attributes that every test has (`tags`, `size`, `visibility`, ...). The default of
            `size` is `"small"`.
    """
    _image_size_test(
        name = name,
        args = program_args("budget", name),
        budgets = budgets,
        image = image,
        total = total,
        uncompressed = uncompressed,
        **({"size": "small"} | kwargs)
    )
