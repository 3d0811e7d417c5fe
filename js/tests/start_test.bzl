"""Tests of how a binary is started in an image."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//image/private:providers.bzl", "ImageStartInfo")
load("//js/private:js_image.bzl", "js_start")

def _python_test_impl(ctx):
    env = analysistest.begin(ctx)
    start = analysistest.target_under_test(env)[ImageStartInfo]
    asserts.equals(env, None, start.launcher)
    if ctx.attr.has_python:
        # Releases of Bazel spell the repository's name differently.
        asserts.true(env, start.python.startswith("/srv/js/tests/manager.runfiles/"), start.python)
        asserts.true(env, start.python.endswith("test_interpreter/bin/python3"), start.python)
    else:
        asserts.equals(env, None, start.python)
    return analysistest.end(env)

_python_test = analysistest.make(_python_test_impl, attrs = {"has_python": attr.bool()})

def start_test_suite(name):
    """Declares the tests.

    Args:
        name: name of the suite.
    """
    tests = []
    for binary in ["external", "manager"]:
        js_start(
            name = "{}_of_{}".format(name, binary),
            testonly = True,
            binary = ":" + binary,
            root = "/srv",
        )
        tests.append("{}_python_of_{}".format(name, binary))
        _python_test(
            name = tests[-1],
            has_python = binary == "manager",
            target_under_test = "{}_of_{}".format(name, binary),
        )
    native.test_suite(
        name = name,
        tests = tests,
    )
