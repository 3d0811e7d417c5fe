"""Tests of the report's actions: what they read."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//layers/testing:actions.bzl", "action_inputs")

def _actions(env, mnemonic):
    return [
        action
        for action in analysistest.target_actions(env)
        if action.mnemonic == mnemonic
    ]

def _basenames(paths):
    return sorted([path.split("/")[-1] for path in paths])

def _lists_test_impl(ctx):
    env = analysistest.begin(ctx)

    # Each layer is read by itself: an edit has only its own layer listed again.
    found = {
        action.outputs.to_list()[0].basename: _basenames(action_inputs(action))
        for action in _actions(env, "ImageFiles")
    }
    asserts.equals(env, ctx.attr.lists, found)
    return analysistest.end(env)

_lists_test = analysistest.make(
    _lists_test_impl,
    attrs = {"lists": attr.string_list_dict()},
)

def _page_test_impl(ctx):
    env = analysistest.begin(ctx)
    page = _actions(env, "ImageReport")[0]

    # Nothing that is large.
    asserts.equals(env, ctx.attr.inputs, _basenames(action_inputs(page)))
    return analysistest.end(env)

_page_test = analysistest.make(
    _page_test_impl,
    attrs = {"inputs": attr.string_list()},
)

def report_test_suite(name):
    """Declares the tests.

    Args:
        name: name of the suite.
    """
    _lists_test(
        name = name + "_lists",
        lists = {
            "odd_layers_default.files.json": ["odd_layers_default.tar.gz"],
            "odd_layers_interpreter.files.json": ["odd_layers_interpreter.tar.gz"],
            "odd_layers_packages.files.json": ["odd_layers_packages.tar.gz"],
        },
        target_under_test = ":odd_layers",
    )
    _page_test(
        name = name + "_page",
        inputs = [
            "odd_layers.plan.json",
            "odd_layers_default.files.json",
            "odd_layers_interpreter.files.json",
            "odd_layers_packages.files.json",
        ],
        target_under_test = ":odd_layers.report",
    )
    native.test_suite(
        name = name,
        tests = [name + "_lists", name + "_page"],
    )
