"""Tests of how a binary is started in an image."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//layers:providers.bzl", "LayoutInfo")

def _python_test_impl(ctx):
    env = analysistest.begin(ctx)
    python = analysistest.target_under_test(env)[LayoutInfo].python
    asserts.true(env, python.endswith(ctx.attr.python), python)
    return analysistest.end(env)

_python_test = analysistest.make(_python_test_impl, attrs = {"python": attr.string()})

def start_test_suite(name):
    """Declares the tests.

    Args:
        name: name of the suite.
    """

    # Only the venv of this binary is built for the version of Python that it runs with.
    _python_test(
        name = name + "_python_of_venv",
        python = "test_interpreter/bin/python3",
        target_under_test = ":wheels_layers",
    )
    native.test_suite(
        name = name,
        tests = [name + "_python_of_venv"],
    )
