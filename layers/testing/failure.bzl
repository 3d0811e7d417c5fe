"""Tests of what is refused at analysis."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

def _failure_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, ctx.attr.message)
    return analysistest.end(env)

failure_test = analysistest.make(
    _failure_test_impl,
    attrs = {"message": attr.string()},
    expect_failure = True,
)

def failure_tests(name, rule, failures):
    """A test of each message.

    Args:
        name: what the names of the tests begin with.
        rule: the rule whose targets fail.
        failures: dict of the case to a pair of the rule's attributes and the message.

    Returns:
        A list of the tests' names.
    """
    tests = []
    for case, (attributes, message) in failures.items():
        target = "{}_{}_subject".format(name, case)
        rule(
            name = target,
            tags = ["manual"],
            testonly = True,
            **attributes
        )
        tests.append("{}_{}".format(name, case))
        failure_test(
            name = tests[-1],
            message = message,
            target_under_test = target,
        )
    return tests
