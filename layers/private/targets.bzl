"""The targets that a macro for layers declares besides that of its rule."""

load(":report.bzl", "image_plan", "image_report")
load(":select.bzl", "join_lists")
load(":tier_style.bzl", "DEFAULT", "INTERPRETER", "PACKAGES")
load(":tiered_layers.bzl", "GROUPS")

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

# The layers of a tier of which there is a target each, in the order of the image.
TIER_TARGETS = [INTERPRETER, GROUPS, PACKAGES, DEFAULT]

# Attributes that every rule has: they go to each target of a macro.
_COMMON = [
    "compatible_with",
    "deprecation",
    "exec_compatible_with",
    "exec_properties",
    "features",
    "restricted_to",
    "tags",
    "target_compatible_with",
    "testonly",
    "toolchains",
    "visibility",
]

def common_attributes(kwargs):
    """The arguments of a macro that are attributes of every rule.

    Args:
        kwargs: dict.

    Returns:
        A dict.
    """
    return {name: value for name, value in kwargs.items() if name in _COMMON}

def manual(common):
    """Common attributes of a target that is only built if it is named.

    Args:
        common: dict of `common_attributes`.

    Returns:
        A dict.
    """
    return common | {"tags": join_lists(common.get("tags"), ["manual"])}

def plan_targets(name, common):
    """Declares NAME.plan and NAME.report.

    Args:
        name: string, name of the rule's target, which has `PlanInfo`.
        common: dict of `manual` attributes.
    """
    image_plan(
        name = name + ".plan",
        image = name,
        **common
    )
    image_report(
        name = name + ".report",
        images = [name],
        **common
    )

def layer_targets(name, layers, common):
    """Declares NAME.plan, NAME.report and NAME_LAYER for each layer, NAME_only_src and NAME_no_src.

    Args:
        name: string, name of the rule's target.
        layers: list of string.
        common: dict of `manual` attributes.
    """
    plan_targets(name, common)
    for suffix, output_group in ({"no_src": "deps", "only_src": "sources"} | {layer: layer for layer in layers}).items():
        native.filegroup(
            name = "{}_{}".format(name, suffix),
            srcs = [name],
            output_group = output_group,
            **common
        )
