"""Analysis tests of the rule of all images: what is refused."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//image/private:image.bzl", "image")

def _failure_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, ctx.attr.message)
    return analysistest.end(env)

_failure_test = analysistest.make(
    _failure_test_impl,
    attrs = {"message": attr.string()},
    expect_failure = True,
)

def image_test_suite(name):
    """Declares the analysis tests.

    Args:
        name: name of the suite.
    """
    tests = {
        "no_layout": (
            {"base": ":no_layout_files", "layers": ["BUILD.bazel"]},
            "attribute base: @@//image/tests:no_layout_files is no OCI image layout; give a directory, or the files of one",
        ),
        "not_linux": (
            {"layers": ["BUILD.bazel"], "platform": ":macos"},
            "is built for a platform that is not Linux on a known CPU; name one that is",
        ),
    }
    native.filegroup(
        name = "no_layout_files",
        srcs = [
            "BUILD.bazel",
            "image_test.bzl",
        ],
    )
    for case, (attributes, message) in tests.items():
        image(
            name = "{}_{}_subject".format(name, case),
            tag = "latest",
            tags = ["manual"],
            **attributes
        )
        _failure_test(
            name = "{}_{}".format(name, case),
            message = message,
            target_under_test = "{}_{}_subject".format(name, case),
        )
