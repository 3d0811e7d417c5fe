"""Attributes that an image has in either layout, and how they are read."""

load("//layer_tool/private:compression.bzl", "check_level", "parse_compression")
load("//layer_tool/private:plan.bzl", "PLAN_ATTRS")
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

COMMON_ATTRS = PLAN_ATTRS | {
    "compress_level": attr.int(doc = "Level of the compression; -1: its default.", default = -1),
    "group_execution_requirements": attr.string_list_dict(doc = "Layer to `NAME` or `NAME=VALUE`: execution requirements of the action that writes it."),
    "hard_links": attr.bool(doc = "Whether identical files are hard links.", default = True),
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

def read_execution_requirements(ctx, groups):
    """What the actions of an image's layers require.

    Args:
        ctx: the context of a rule with `COMMON_ATTRS`.
        groups: list of string, the layers that the image can have.

    Returns:
        A dict of each of `groups` to a dict for `execution_requirements`.
    """
    for group in ctx.attr.group_execution_requirements:
        if group not in groups:
            fail("attribute group_execution_requirements: {} is no layer of this image; use one of {}".format(
                repr(group),
                ", ".join([repr(name) for name in groups]),
            ))
    return {
        group: {
            requirement.partition("=")[0]: requirement.partition("=")[2]
            for requirement in ctx.attr.group_execution_requirements.get(group, [])
        }
        for group in groups
    }
