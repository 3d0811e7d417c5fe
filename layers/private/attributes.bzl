"""What an image says of its layers, and how that is read.

Only here are the values known: each argument of a macro may be a `select()`.
"""

load(":compression.bzl", "check_level", "parse_compression")
load(":declared_links.bzl", "declared_links_aspect")
load(":layer_tier_info.bzl", "LayerTierInfo")
load(":manifest.bzl", "DEFAULT_MTIME", "TREE_LINKS")
load(":owner.bzl", "parse_owner")
load(":plan.bzl", "PACKAGES_ATTRS", "PLAN_ATTRS")
load(":platform_transition.bzl", "platform_transition")
load(":program.bzl", "RUN_ATTRS")
load(":units_aspect.bzl", "units_aspect")

visibility(["//js/...", "//layers/...", "//py/..."])

# The value of `compress` that leaves it to the tier.
OF_TIER = "tier"

def image_attrs(what, aspects = [], units = units_aspect, flag = Label("//layers:layer_tier")):
    """The attributes of a rule that makes the layers of executables.

    Args:
        what: string, what an executable is. Example: `py_binary`.
        aspects: list of the aspects on one, beside those that every image needs.
        units: aspect of `new_units_aspect`.
        flag: Label of the flag that names the tier.

    Returns:
        A dict.
    """
    binary = dict(
        cfg = platform_transition,
        aspects = [declared_links_aspect] + aspects + [units],
    )
    return PLAN_ATTRS | PACKAGES_ATTRS | RUN_ATTRS | {
        "binaries": attr.label_list(doc = what + " targets that are in one image, instead of `binary`.", **binary),
        "binary": attr.label(doc = "A {}.".format(what), **binary),
        "compress": attr.string(doc = "`gzip`, `zstd`, `none`, or `tier` for what the tier says.", default = OF_TIER),
        "compress_level": attr.int(doc = "Level of the compression; -1 for its default.", default = -1),
        "group": attr.string(doc = "GID of every entry, in digits; empty if `owner` has it."),
        "group_compress_levels": attr.string_dict(doc = "Layer to the level of its compression."),
        "group_execution_requirements": attr.string_list_dict(doc = "Layer to the execution requirements of the action that writes it, `NAME` or `NAME=VALUE`."),
        "groups": attr.label_keyed_string_dict(
            doc = "Dependency to the layer for it and everything that it needs.",
            allow_files = True,
            cfg = platform_transition,
        ),
        "hard_links": attr.bool(doc = "Whether identical files become hard links.", default = True),
        "launcher": attr.string(doc = "Absolute path of the launcher; empty if `root` decides."),
        "launcher_dir": attr.string(doc = "Directory for the launchers; empty: /app/bin for `binaries`, else the launcher is where the tier says."),
        "layer_tier": attr.label(doc = "The tier of this image.", cfg = platform_transition, providers = [LayerTierInfo]),
        "mtime": attr.int(doc = "Modification time of every entry, in seconds since the epoch.", default = DEFAULT_MTIME),
        "owner": attr.string(doc = "`UID:GID` or `UID`; empty: what the tier says, or else 0:0."),
        "platform": attr.label(doc = "Target platform of the binary."),
        "root": attr.string(doc = "Directory that has PACKAGE/NAME, or empty for the layout of a tier."),
        "tree_links": attr.string(doc = "What happens to links in trees, `keep` or `follow`; empty: what the tier says, or else `keep`.", values = [""] + TREE_LINKS),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
        # As its packages, a tier may be another one for another platform.
        "_layer_tier": attr.label(default = flag, cfg = platform_transition, providers = [LayerTierInfo]),
    }

def read_binaries(ctx, what, attribute = "`binary`"):
    """The executables of an image.

    Args:
        ctx: the context of a rule with `image_attrs`.
        what: string, what an executable is, for messages. Example: `a py_binary`.
        attribute: string, that which takes one, for messages.

    Returns:
        A list of Target.
    """

    # A transition makes a list of a label.
    binaries = ctx.attr.binaries + (ctx.attr.binary or [])
    if not binaries or (ctx.attr.binaries and ctx.attr.binary):
        fail("attribute binary: give {} as {}, or several as `binaries`".format(what, attribute))
    for binary in binaries:
        if not binary[DefaultInfo].files_to_run.executable:
            fail("attribute binary: {} is not executable; give {}".format(binary.label, what))
    return binaries

def read_settings(ctx, binaries, *, compression = None, level = None, owner = None):
    """What an image says in whatever layout.

    Args:
        ctx: the context of a rule with `image_attrs`.
        binaries: list of `read_binaries`.
        compression: a key of `COMPRESSIONS`, where `compress` says none. None: the tier's.
        level: int, where `compress_level` says none. None: the default of the compression.
        owner: `UID:GID`, where `owner` and `group` say nothing. None: the tier's.

    Returns:
        A struct of `binaries`, `compression`, `level` and `owner`, each as its argument, `levels` (dict
        of layer to int) and `pinned` (whether the image names its tier).
    """
    if ctx.attr.compress_level >= 0:
        level = ctx.attr.compress_level
    if level != None:
        check_level("compress_level", compression, level)
    return struct(
        binaries = binaries,
        compression = compression,
        level = level,
        levels = read_levels(ctx),
        owner = parse_owner(ctx.attr.owner, ctx.attr.group) or owner,
        pinned = bool(ctx.attr.layer_tier),
    )

def read_compression(ctx, otherwise = None):
    """How all layers of an image are compressed.

    Args:
        ctx: the context of a rule with `image_attrs`.
        otherwise: a key of `COMPRESSIONS`, where the attributes say nothing.

    Returns:
        A key of `COMPRESSIONS`; None: as the tier says.
    """
    if ctx.attr.compress != OF_TIER:
        return parse_compression("compress", ctx.attr.compress)
    return "gzip" if ctx.attr.compress_level >= 0 else otherwise

def check_layout(ctx, own, attributes):
    """Fails for attributes that need the layout of a tier.

    Args:
        ctx: the context of a rule with `image_attrs`.
        own: string, the attribute that gives the image another layout.
        attributes: list of string.
    """
    for attribute in attributes:
        if getattr(ctx.attr, attribute):
            fail("attribute {}: it works only with the layout of a tier; leave out {}".format(attribute, own))

def read_levels(ctx):
    """What an image says of the compression of single layers.

    Args:
        ctx: the context of a rule with `image_attrs`.

    Returns:
        A dict of layer to int.
    """
    for group, level in ctx.attr.group_compress_levels.items():
        if not level.isdigit():
            fail("attribute group_compress_levels: {} for {} is not a level; write e.g. \"6\"".format(repr(level), repr(group)))
    return {group: int(level) for group, level in ctx.attr.group_compress_levels.items()}

def check_groups(ctx, groups):
    """Fails for a layer that an attribute names and that the image cannot have.

    For images of a tier that they do not name themselves this is not checked: which tier it is,
    the flag says, and another one has other groups.

    Args:
        ctx: the context of a rule with `image_attrs`.
        groups: list of string, the layers that the image can have.
    """
    for attribute in ["group_compress_levels", "group_execution_requirements"]:
        for group in getattr(ctx.attr, attribute):
            if group not in groups:
                fail("attribute {}: {} is not a layer of this image; use one of {}".format(
                    attribute,
                    repr(group),
                    ", ".join([repr(name) for name in groups]),
                ))

def read_execution_requirements(ctx):
    """What the actions of an image's layers require.

    Args:
        ctx: the context of a rule with `image_attrs`.

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
        fail("attribute group_execution_requirements: {} is not an execution requirement; write \"NAME\" or \"NAME=VALUE\"".format(repr(requirement)))

    # Bazel reads these amounts off the name, and takes no notice of a value.
    if equals and (name == "cpu" or name.startswith("resources:")):
        if not value.isdigit():
            fail("attribute group_execution_requirements: {} is not an amount of {}; write e.g. \"{}=2\"".format(repr(requirement), name, name))
        return "{}:{}".format(name, value), ""
    return name, value
