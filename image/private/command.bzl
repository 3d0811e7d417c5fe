"""What can be run or made of an image: its load, its digest, its docker-archive."""

load("//layer_tool:toolchain.bzl", "TOOLCHAIN_TYPE")
load("//layer_tool/private:layer.bzl", "layer_tool", "run_layer_tool")
load("//layer_tool/private:names.bzl", "short_stem")
load(":providers.bzl", "ImageInfo")

visibility(["//image/...", "//py/..."])

def _executable(ctx, files, layout):
    """layer_tool; the macro gives the arguments."""
    executable = ctx.actions.declare_file(short_stem(ctx.label.name))
    ctx.actions.symlink(output = executable, target_file = layer_tool(ctx).executable, is_executable = True)
    return [DefaultInfo(
        files = depset(files),
        executable = executable,
        runfiles = ctx.runfiles([layout]),
    )]

_ATTRS = {"image": attr.label(mandatory = True, providers = [ImageInfo])}

image_load = rule(
    implementation = lambda ctx: _executable(ctx, [], ctx.attr.image[ImageInfo].layout),
    doc = "`bazel run` loads an image into Docker or podman.",
    attrs = _ATTRS,
    executable = True,
    toolchains = [TOOLCHAIN_TYPE],
)

image_digest = rule(
    implementation = lambda ctx: _executable(ctx, [ctx.attr.image[ImageInfo].digest], ctx.attr.image[ImageInfo].sparse),
    doc = "A file with the digest of an image, which `bazel run` prints. No layer is read for it.",
    attrs = _ATTRS,
    executable = True,
    toolchains = [TOOLCHAIN_TYPE],
)

def _docker_archive_impl(ctx):
    layout = ctx.attr.image[ImageInfo].layout
    tar = ctx.actions.declare_file(short_stem(ctx.label.name.removesuffix(".tar")) + ".tar")
    args = ctx.actions.args()
    args.add("archive")
    args.add_all([layout], expand_directories = False)
    args.add("--output", tar)
    run_layer_tool(
        ctx,
        arguments = [args],
        inputs = [layout],
        outputs = [tar],
        mnemonic = "ImageArchive",
        progress_message = "Writing docker-archive %{label}",
    )
    return [DefaultInfo(files = depset([tar]))]

docker_archive = rule(
    implementation = _docker_archive_impl,
    doc = "An image as a tar for `docker load`.",
    attrs = _ATTRS,
    toolchains = [TOOLCHAIN_TYPE],
)
