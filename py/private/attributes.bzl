"""What an image says of its layers, and how that is read.

Only here are the values known: each argument of the macro may be a `select()`.
"""

load("//layers/private:compression.bzl", "check_level", "parse_compression")
load("//layers/private:declared_links.bzl", "declared_links_aspect")
load("//layers/private:manifest.bzl", "TREE_LINKS")
load("//layers/private:plan.bzl", "PLAN_ATTRS")
load("//layers/private:platform_transition.bzl", "platform_transition")
load("//py/private:interpreter_aspect.bzl", "interpreter_aspect")
load("//py/private:layer_tier.bzl", "LayerTierInfo")
load("//py/private:packages_aspect.bzl", "packages_aspect")
load("//py/private:tar_args.bzl", "parse_tar_args")
load("//py/private:units.bzl", "DEFAULT_MTIME")

visibility(["//py/..."])

# The value of `compress` that leaves it to the tier.
OF_TIER = "tier"

# What an attribute that takes binaries has.
_BINARY = dict(
    cfg = platform_transition,
    aspects = [declared_links_aspect, interpreter_aspect, packages_aspect],
)

ATTRS = PLAN_ATTRS | {
    "binaries": attr.label_list(doc = "py_binary targets of one image, instead of `binary`.", **_BINARY),
    "binary": attr.label(doc = "A py_binary.", **_BINARY),
    "compress": attr.string(doc = "gzip, zstd, none, or tier for what the tier says.", default = OF_TIER),
    "compress_level": attr.int(doc = "Level of the compression; -1: its default.", default = -1),
    "compute_unused_inputs": attr.int(doc = "Without effect.", default = 1),
    "group": attr.string(doc = "Number of the group of every entry; empty: as `owner` says."),
    "group_compress_levels": attr.string_dict(doc = "Layer to the level of its compression."),
    "group_execution_requirements": attr.string_list_dict(doc = "Layer to `NAME` or `NAME=VALUE`: execution requirements of the action that writes it."),
    "groups": attr.label_keyed_string_dict(
        doc = "Dependency to the group of all that it needs.",
        allow_files = True,
        cfg = platform_transition,
    ),
    "hard_links": attr.bool(doc = "Whether identical files are hard links.", default = True),
    "launcher": attr.string(doc = "Absolute path of the launcher; empty: by `root`."),
    "launcher_dir": attr.string(doc = "Folder of the launchers; empty: /app/bin for those of `binaries`, else the one stands where the tier says."),
    "layer_groups": attr.string_dict(doc = "Group to regular expression on the absolute path in the image."),
    "layer_tier": attr.label(doc = "The tier of this image.", cfg = platform_transition, providers = [LayerTierInfo]),
    "mtime": attr.int(doc = "Seconds since the epoch.", default = DEFAULT_MTIME),
    "own_folder": attr.bool(doc = "Whether `root` is for ROOT/PACKAGE/NAME/NAME, as `py_image` has it."),
    "owner": attr.string(doc = "`UID:GID` or `UID`; empty: the tier's, else 0:0."),
    "platform": attr.label(doc = "Target platform of the binary."),
    "root": attr.string(doc = "Folder of PACKAGE/NAME, or empty for the layout of a tier."),
    "tar_args": attr.string_list(doc = "Arguments of bsdtar."),
    "tree_links": attr.string(doc = "`keep` or `follow` the links in trees; empty: as the tier says, else `keep`.", values = [""] + TREE_LINKS),
    "_allowlist_function_transition": attr.label(
        default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
    ),
    # As its packages, a tier may be another one for another platform.
    "_layer_tier": attr.label(default = "//py:layer_tier", cfg = platform_transition, providers = [LayerTierInfo]),
}

def read_settings(ctx):
    """What an image says in whatever layout.

    Args:
        ctx: the context of a rule with `ATTRS`.

    Returns:
        A struct of `binaries` (list of Target), `classic` (bool: whether the image has a layout and
        groups of its own, not those of a tier), `compression` (a key of `COMPRESSIONS`; None: the
        tier's), `level` (int, or None for the default of the compression), `levels` (dict of layer
        to int), `owner` (`UID:GID`; None: the tier's) and `pinned` (whether the image names its tier).
    """
    binaries = _read_binaries(ctx)
    classic = bool(ctx.attr.root or ctx.attr.layer_groups or ctx.attr.launcher)
    _check_layout(ctx, classic)
    if ctx.attr.compute_unused_inputs not in [-1, 0, 1]:
        fail("attribute compute_unused_inputs: {} is not -1, 0 or 1; leave it out, inputs are precise without it".format(ctx.attr.compute_unused_inputs))

    compression = None
    if ctx.attr.compress != OF_TIER:
        compression = parse_compression("compress", ctx.attr.compress)
    elif classic or ctx.attr.compress_level >= 0 or ctx.attr.tar_args:
        compression = "gzip"
    of_tar = parse_tar_args(ctx.attr.tar_args, compression)
    level = ctx.attr.compress_level if ctx.attr.compress_level >= 0 else of_tar.get("compress_level")
    if level != None:
        check_level("compress_level", compression, level)
    return struct(
        binaries = binaries,
        classic = classic,
        compression = compression,
        level = level,
        levels = _read_levels(ctx),
        owner = parse_owner(ctx.attr.owner, ctx.attr.group) or of_tar.get("owner"),
        pinned = bool(ctx.attr.layer_tier),
    )

def _read_binaries(ctx):
    # A transition makes a list of a label.
    binaries = ctx.attr.binaries + (ctx.attr.binary or [])
    if not binaries or (ctx.attr.binaries and ctx.attr.binary):
        fail("attribute binary: give a py_binary by `binary` (or `py_binary`), or several by `binaries`")
    for binary in binaries:
        if not binary[DefaultInfo].files_to_run.executable:
            fail("attribute binary: {} is not executable; give a py_binary".format(binary.label))
    return binaries

def _check_layout(ctx, classic):
    if not classic:
        return
    own = "root" if ctx.attr.root else "layer_groups" if ctx.attr.layer_groups else "launcher"
    if ctx.attr.layer_tier:
        fail("attribute layer_tier: {} has a layout and groups of its own; leave out {}".format(ctx.attr.layer_tier[0].label, own))
    for attribute in ["binaries", "groups", "launcher_dir"]:
        if getattr(ctx.attr, attribute):
            fail("attribute {}: it needs the layout of a tier; leave out {}".format(attribute, own))

def parse_owner(owner, group):
    """The owner of every entry, as the attributes of these names say it.

    Args:
        owner: string.
        group: string.

    Returns:
        A string, `UID:GID`; None if they say nothing.
    """
    if not owner and not group:
        return None
    uid, colon, gid = (owner or "0").partition(":")
    if not uid.isdigit() or (colon and not gid.isdigit()):
        fail("attribute owner: {} is not UID:GID in digits; write e.g. \"0:0\"".format(repr(owner)))
    if group and colon:
        fail("attribute group: {} stands beside owner = {}, which says the group, too; leave one of them out".format(repr(group), repr(owner)))
    if group and not group.isdigit():
        fail("attribute group: {} is no number; write the id in digits, e.g. \"1000\"".format(repr(group)))
    return "{}:{}".format(uid, gid or group or "0")

def _read_levels(ctx):
    for group, level in ctx.attr.group_compress_levels.items():
        if not level.isdigit():
            fail("attribute group_compress_levels: {} for {} is no level; write e.g. \"6\"".format(repr(level), repr(group)))
    return {group: int(level) for group, level in ctx.attr.group_compress_levels.items()}

def check_groups(ctx, groups):
    """Fails for a layer that an attribute names and that the image cannot have.

    For images of a tier that they do not name themselves this is not checked: which tier it is,
    the flag says, and another one has other groups.

    Args:
        ctx: the context of a rule with `ATTRS`.
        groups: list of string, the layers that the image can have.
    """
    for attribute in ["group_compress_levels", "group_execution_requirements"]:
        for group in getattr(ctx.attr, attribute):
            if group not in groups:
                fail("attribute {}: {} is no layer of this image; use one of {}".format(
                    attribute,
                    repr(group),
                    ", ".join([repr(name) for name in groups]),
                ))

def read_execution_requirements(ctx):
    """What the actions of an image's layers require.

    Args:
        ctx: the context of a rule with `ATTRS`.

    Returns:
        A dict of layer to a dict for `execution_requirements`.
    """
    return {
        group: {
            key: value
            for requirement in requirements
            for key, value in [parse_requirement(requirement)]
        }
        for group, requirements in ctx.attr.group_execution_requirements.items()
    }

def parse_requirement(requirement):
    """An entry of the attribute `group_execution_requirements`.

    Args:
        requirement: string, `NAME` or `NAME=VALUE`.

    Returns:
        A pair of strings, as in `execution_requirements`. Fails for what is neither.
    """
    name, equals, value = requirement.partition("=")
    if not name or name != name.strip():
        fail("attribute group_execution_requirements: {} is no requirement; write \"NAME\" or \"NAME=VALUE\"".format(repr(requirement)))

    # Bazel reads these amounts off the name, and takes no notice of a value.
    if equals and (name == "cpu" or name.startswith("resources:")):
        if not value.isdigit():
            fail("attribute group_execution_requirements: {} is no amount of {}; write e.g. \"{}=2\"".format(repr(requirement), name, name))
        return "{}:{}".format(name, value), ""
    return name, value
