"""A test of what a target prints that `bazel run` starts."""

load("@rules_python//python:defs.bzl", "py_test")

visibility(["//js/...", "//layers/...", "//py/..."])

def prints_test(name, program, expected, words = []):
    """Starts a program as `bazel run` does, and looks for a text in what it prints.

    Args:
        name: name of the test.
        program: name of the target in the package: layers, or one's `.plan` or `.report`.
        expected: string.
        words: list of string, further arguments.
    """
    py_test(
        name = name,
        size = "small",
        testonly = True,
        srcs = ["//layers/testing:prints_test.py"],
        args = ["$(rootpath {})".format(program)] + words,
        data = [program],
        env = {"EXPECTED": expected},
        main = "prints_test.py",
    )
