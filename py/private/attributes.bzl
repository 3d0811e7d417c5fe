"""What only an image of Python says, and how that is read."""

load("//layers/private:attributes.bzl", "check_layout", "image_attrs", "read_binaries", "read_compression", _read_settings = "read_settings")
load("//py/private:interpreter_aspect.bzl", "interpreter_aspect")
load("//py/private:tar_args.bzl", "parse_tar_args")

visibility("//py/...")

ATTRS = image_attrs("py_binary", aspects = [interpreter_aspect]) | {
    "compute_unused_inputs": attr.int(doc = "It has no effect.", default = 1),
    "layer_groups": attr.string_dict(doc = "Layer to regular expression, searched in the absolute path in the image."),
    "own_folder": attr.bool(doc = "Whether `root` puts the binary at ROOT/PACKAGE/NAME/NAME, as `py_image` does."),
    "tar_args": attr.string_list(doc = "Arguments of bsdtar."),
}

def is_classic(ctx):
    """Whether an image has a layout and groups of its own, not those of a tier.

    Args:
        ctx: the context of a rule with `ATTRS`.

    Returns:
        A bool.
    """
    return bool(ctx.attr.root or ctx.attr.layer_groups or ctx.attr.launcher)

def read_settings(ctx):
    """What an image says in whatever layout.

    Args:
        ctx: the context of a rule with `ATTRS`.

    Returns:
        A struct as of `read_settings` of all images.
    """
    binaries = read_binaries(ctx, "a py_binary", "`binary` (or `py_binary`)")
    classic = is_classic(ctx)
    if classic:
        _check_classic(ctx)
    if ctx.attr.compute_unused_inputs not in [-1, 0, 1]:
        fail("attribute compute_unused_inputs: {} is not -1, 0 or 1; leave it out, because it has no effect".format(ctx.attr.compute_unused_inputs))
    compression = read_compression(ctx, "gzip" if classic or ctx.attr.tar_args else None)
    of_tar = parse_tar_args(ctx.attr.tar_args, compression)
    return _read_settings(
        ctx,
        binaries,
        compression = compression,
        level = of_tar.get("compress_level"),
        owner = of_tar.get("owner"),
    )

def _check_classic(ctx):
    own = "root" if ctx.attr.root else "layer_groups" if ctx.attr.layer_groups else "launcher"
    if ctx.attr.layer_tier:
        fail("attribute layer_tier: {} has its own layout and groups; leave out {}".format(ctx.attr.layer_tier[0].label, own))
    check_layout(ctx, own, ["binaries", "groups", "launcher_dir"])
