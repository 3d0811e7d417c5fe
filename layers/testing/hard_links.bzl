"""A test of whether the layers of an image have hard links."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")

visibility(["//js/...", "//layers/...", "//py/..."])

def _hard_links_test_impl(ctx):
    env = analysistest.begin(ctx)
    written = {
        action.outputs.to_list()[0].basename: "--no-hard-links" not in action.argv
        for action in analysistest.target_actions(env)
        if action.mnemonic in ["ImageFragment", "ImageLayer"]
    }
    asserts.true(env, len(written) > 0, "it writes something itself")
    asserts.equals(env, {name: ctx.attr.hard_links for name in written}, written)
    return analysistest.end(env)

hard_links_test = analysistest.make(
    _hard_links_test_impl,
    attrs = {"hard_links": attr.bool(doc = "Whether all that the target writes itself may have some.")},
)
