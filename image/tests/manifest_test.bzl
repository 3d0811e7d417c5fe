"""An analysis test of the actions that make an image."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//image/private:providers.bzl", "ImageInfo")
load("//layers/testing:actions.bzl", "action_inputs")

def actions_of(env, mnemonic):
    """The actions of the target under test.

    Args:
        env: of `analysistest.begin`.
        mnemonic: string.

    Returns:
        A list of actions.
    """
    return [action for action in analysistest.target_actions(env) if action.mnemonic == mnemonic]

def _manifest_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    (manifest,) = actions_of(env, "ImageManifest")
    (layout,) = actions_of(env, "ImageLayout")

    # The manifest is written without a look at any layer.
    asserts.equals(env, sorted(ctx.attr.manifest_inputs), action_inputs(manifest))
    asserts.equals(env, sorted(ctx.attr.manifest_inputs + ctx.attr.layers), action_inputs(layout))
    for argument in ctx.attr.arguments:
        asserts.true(env, argument in manifest.argv, "{} is not in {}".format(argument, manifest.argv))
        asserts.true(env, argument in layout.argv, "{} is not in {}".format(argument, layout.argv))
    asserts.equals(
        env,
        ctx.attr.arguments,
        [argument for argument in manifest.argv if argument.startswith(tuple(_FLAGS))],
    )

    described = [action_inputs(action) for action in actions_of(env, "ImageDescribe")]
    asserts.equals(env, [[path] for path in ctx.attr.described], described)
    asserts.equals(env, [ctx.label.package + "/" + target.label.name], [file.short_path for file in target.files.to_list()])
    asserts.equals(env, target.label.name + ".sha256", target[ImageInfo].digest.basename)
    return analysistest.end(env)

_FLAGS = ["--annotation=", "--cmd=", "--entrypoint=", "--env=", "--exposed-port=", "--label=", "--repo-tag=", "--tag=", "--user=", "--volume=", "--workdir="]

manifest_test = analysistest.make(
    _manifest_test_impl,
    attrs = {
        "arguments": attr.string_list(),
        "described": attr.string_list(),
        "layers": attr.string_list(),
        "manifest_inputs": attr.string_list(),
    },
)
