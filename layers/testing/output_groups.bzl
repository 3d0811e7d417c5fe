"""A test of the output groups of layers."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")

visibility(["//layers/...", "//py/..."])

def _output_groups_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    for group, files in ctx.attr.groups.items():
        asserts.equals(
            env,
            files,
            [file.basename for file in target[OutputGroupInfo][group].to_list()],
            group,
        )
    asserts.equals(
        env,
        ctx.attr.files,
        [file.basename for file in target[DefaultInfo].files.to_list()],
    )
    return analysistest.end(env)

output_groups_test = analysistest.make(
    _output_groups_test_impl,
    attrs = {
        "files": attr.string_list(),
        "groups": attr.string_list_dict(),
    },
)
