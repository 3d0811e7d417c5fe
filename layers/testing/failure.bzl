"""Tests of what is refused at analysis."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")

visibility(["//image/...", "//js/...", "//py/..."])

def _failure_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, ctx.attr.message)
    return analysistest.end(env)

failure_test = analysistest.make(
    _failure_test_impl,
    attrs = {"message": attr.string()},
    expect_failure = True,
)
