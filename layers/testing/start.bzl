"""Tests of how an image starts."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")

visibility(["//image/...", "//js/...", "//py/..."])

_FLAGS = ["--cmd=", "--entrypoint=", "--env=", "--repo-tag=", "--workdir="]

def _start_test_impl(ctx):
    env = analysistest.begin(ctx)
    (argv,) = [action.argv for action in analysistest.target_actions(env) if action.mnemonic == "ImageManifest"]
    words = [word for word in argv if [flag for flag in _FLAGS if word.startswith(flag)]]
    asserts.equals(env, sorted(ctx.attr.words), sorted(words))

    # Releases of Bazel spell a repository's name differently.
    python = argv[argv.index("--python") + 1] if "--python" in argv else ""
    asserts.true(env, python.startswith(ctx.attr.python_below) and python.endswith(ctx.attr.python), python)
    asserts.equals(env, bool(ctx.attr.python), bool(python))
    asserts.equals(env, ctx.attr.launcher, "--launcher" in argv)
    return analysistest.end(env)

# What an image of the rule `image` is told: `words` of the flags above, `python` at the end of a path
# that begins with `python_below`, and whether there is a `launcher` that may be a Python script.
start_test = analysistest.make(
    _start_test_impl,
    attrs = {
        "launcher": attr.bool(),
        "python": attr.string(),
        "python_below": attr.string(),
        "words": attr.string_list(),
    },
)
