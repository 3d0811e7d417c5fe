"""The rule behind images of several platforms."""

load("//layers:providers.bzl", "PlanInfo")
load("//layers:toolchain.bzl", "LAYER_TOOL")
load("//layers/private:label_text.bzl", "label_text")
load("//layers/private:layer.bzl", "NO_SANDBOX", "run_layer_tool")
load("//layers/private:names.bzl", "short_stem")
load("//layers/private:report.bzl", "plans_of")
load(":names.bzl", "check_names")
load(":platforms.bzl", "platforms_transition")
load(":providers.bzl", "ImageInfo")

visibility("//image/...")

def _check_platforms(platforms):
    """An alias of a platform has the platform's label."""
    seen = {}
    for platform in platforms:
        if platform.label in seen:
            fail("attribute platforms: {} is listed twice, once by an alias; leave out one of the two".format(label_text(platform.label)))
        seen[platform.label] = None

def _image_index_impl(ctx):
    check_names(ctx)
    _check_platforms(ctx.attr.platforms)

    # In the order of the attribute.
    targets = [ctx.split_attr.image[str(number)] for number in range(len(ctx.attr.platforms))]
    images = [target[ImageInfo] for target in targets]
    repo_tag = ctx.attr.repo_tag or images[0].repo_tag
    stem = short_stem(ctx.label.name)
    layout = ctx.actions.declare_directory(stem)
    sparse = ctx.actions.declare_directory(stem + ".sparse")
    digest = ctx.actions.declare_file(stem + ".sha256")

    def run(inputs, output, mnemonic, extra_arguments = [], extra_outputs = [], execution_requirements = {}):
        args = ctx.actions.args()
        args.add_all(inputs, expand_directories = False)
        files = [ctx.file.annotations_file] if ctx.file.annotations_file else []
        args.add_all(files, before_each = "--annotation-file")
        args.add_all([output], before_each = "--output", expand_directories = False)
        args.add("--tag", ctx.attr.tag)
        if repo_tag:
            args.add("--repo-tag", repo_tag)
        args.add_all(["--annotation={}={}".format(name, value) for name, value in ctx.attr.annotations.items()])
        run_layer_tool(
            ctx,
            arguments = ["index", args] + extra_arguments,
            inputs = inputs + files,
            outputs = [output] + extra_outputs,
            mnemonic = mnemonic,
            progress_message = "Writing image index %{label}",
            execution_requirements = execution_requirements,
        )

    without_layers = ctx.actions.args()
    without_layers.add("--sparse")
    without_layers.add("--digest", digest)
    run([image.sparse for image in images], sparse, "ImageManifest", [without_layers], [digest])

    # As an image's.
    built = ctx.actions.args()
    built.add("--trust-layers")
    run([image.layout for image in images], layout, "ImageLayout", [built], execution_requirements = NO_SANDBOX)
    return [
        DefaultInfo(files = depset([layout])),
        ImageInfo(digest = digest, layout = layout, repo_tag = repo_tag, sparse = sparse),
        OutputGroupInfo(digest = depset([digest]), sparse = depset([sparse])),
        plans_of(targets),
    ]

image_index = rule(
    implementation = _image_index_impl,
    doc = "An OCI image layout of one image for each platform: see `image_targets`, its macro.",
    attrs = {
        "annotations": attr.string_dict(doc = "Annotations of the index."),
        "annotations_file": attr.label(allow_single_file = True, doc = "More of them: NAME=VALUE lines."),
        "image": attr.label(cfg = platforms_transition, mandatory = True, providers = [ImageInfo]),
        "platforms": attr.label_list(mandatory = True),
        "repo_tag": attr.string(),
        "tag": attr.string(mandatory = True),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    provides = [ImageInfo, PlanInfo],
    toolchains = LAYER_TOOL,
)
