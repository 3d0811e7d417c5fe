"""What can be run or made of an image: its load, its digest, its docker-archive."""

load("//layers:toolchain.bzl", "LAYER_TOOL")
load("//layers/private:layer.bzl", "run_layer_tool")
load("//layers/private:names.bzl", "short_stem")
load("//layers/private:program.bzl", "RUN_ATTRS", "link_program")
load(":providers.bzl", "ImageInfo")

visibility(["//image/...", "//py/..."])

def _executable(ctx, files, layout):
    """layer_tool; the macro gives the arguments."""
    program = link_program(ctx)
    return [DefaultInfo(
        files = depset(files),
        executable = program.executable,
        runfiles = ctx.runfiles([layout]).merge(program.runfiles),
    )]

_ATTRS = {"image": attr.label(mandatory = True, providers = [ImageInfo])}

image_load = rule(
    implementation = lambda ctx: _executable(ctx, [], ctx.attr.image[ImageInfo].layout),
    doc = "`bazel run` loads an image into Docker or podman.",
    attrs = _ATTRS | RUN_ATTRS,
    executable = True,
)

image_digest = rule(
    implementation = lambda ctx: _executable(ctx, [ctx.attr.image[ImageInfo].digest], ctx.attr.image[ImageInfo].sparse),
    doc = "A file with the digest of an image, which `bazel run` prints. No layer is read for it.",
    attrs = _ATTRS | RUN_ATTRS,
    executable = True,
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
    toolchains = LAYER_TOOL,
)
