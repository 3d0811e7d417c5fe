"""Who builds all targets builds no image."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")

visibility(["//js/...", "//layers/...", "//py/..."])

def _manual_test_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, [], ctx.attr.others)
    asserts.true(env, ctx.attr.count > 4 * len(ctx.attr.images), "these are not all targets of images")
    return unittest.end(env)

_manual_test = unittest.make(
    _manual_test_impl,
    attrs = {
        "count": attr.int(),
        "images": attr.string_list(),
        "others": attr.string_list(),
    },
)

def manual_test(name, images):
    """Tests that all targets of images above in the package are `manual`.

    Args:
        name: name of the test.
        images: list of string, names of images without tags of their own, as no other target's name begins.
    """
    targets = {
        target: rule["tags"]
        for target, rule in native.existing_rules().items()
        if [image for image in images if target.startswith(image)]
    }
    _manual_test(
        name = name,
        count = len(targets),
        images = images,
        others = [target for target, tags in targets.items() if "manual" not in tags],
    )
