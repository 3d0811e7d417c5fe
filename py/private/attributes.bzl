"""Attributes that an image has in either layout, and how they are read."""

load("//layer_tool/private:compression.bzl", "check_level", "parse_compression")
load("//layer_tool/private:platform_transition.bzl", "platform_transition")
load("//py/private:interpreter_aspect.bzl", "interpreter_aspect")
load("//py/private:packages_aspect.bzl", "packages_aspect")

visibility(["//py/..."])

# What an attribute that takes binaries has.
BINARY = dict(
    mandatory = True,
    cfg = platform_transition,
    aspects = [interpreter_aspect, packages_aspect],
)

COMMON_ATTRS = {
    "compress_level": attr.int(doc = "Level of the compression; -1: its default.", default = -1),
    "mtime": attr.int(doc = "Seconds since the epoch."),
    "platform": attr.label(doc = "Target platform of the binary."),
    "_allowlist_function_transition": attr.label(
        default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
    ),
}

def check_binary(binary):
    """Fails for a target that is not executable.

    Args:
        binary: Target.
    """
    if not binary[DefaultInfo].files_to_run.executable:
        fail("attribute binary: {} is not executable; give a py_binary".format(binary.label))

def read_compression(ctx):
    """The compression of an image and its level.

    Args:
        ctx: the context of a rule with `COMMON_ATTRS` and `compress`.

    Returns:
        A tuple of a key of `COMPRESSIONS` and an int, or None for the default level.
    """
    compression = parse_compression("compress", ctx.attr.compress)
    level = ctx.attr.compress_level if ctx.attr.compress_level >= 0 else None
    if level != None:
        check_level("compress_level", compression, level)
    return compression, level
