"""Tests of what is said of the expressions of layer_groups."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@bazel_skylib//rules:diff_test.bzl", "diff_test")

visibility(["//js/...", "//layers/...", "//py/..."])

def _checked_test_impl(ctx):
    """Expressions are checked by one action, without which none reads them: so an error is said once."""
    env = analysistest.begin(ctx)
    checks = []
    for action in analysistest.target_actions(env):
        if action.mnemonic == "ImageSplit":
            outputs = [file.basename for file in action.outputs.to_list()]
            inputs = [file.basename for file in action.inputs.to_list()]
            checked = "{}_expressions.-.mtree".format(analysistest.target_under_test(env).label.name)
            checks.extend([name for name in outputs if name == checked])
            asserts.true(env, checked in outputs + inputs, "inputs of the action of {}: {}".format(outputs, inputs))
    asserts.equals(env, 1, len(checks))
    return analysistest.end(env)

checked_test = analysistest.make(_checked_test_impl)

def warnings_test(name, layers, expected):
    """Compares the warnings of an image with a file.

    Args:
        name: name of the test.
        layers: label of the image's layers.
        expected: label of the file.
    """
    native.filegroup(
        name = name + "_warnings",
        testonly = True,
        srcs = [layers],
        output_group = "_validation",
        tags = ["manual"],
    )
    diff_test(
        name = name,
        file1 = name + "_warnings",
        file2 = expected,
    )
