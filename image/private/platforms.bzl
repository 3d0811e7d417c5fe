"""Platforms of images: the transition to several, and their names in an image."""

load("//layers/private:cpus.bzl", "CPUS", "constraint")

visibility("//image/...")

_PLATFORMS = "//command_line_option:platforms"

def _platforms_transition_impl(_settings, attr):
    # By number: a rule sees the label of a platform, and not that of its alias.
    return {
        str(number): {_PLATFORMS: str(platform)}
        for number, platform in enumerate(attr.platforms)
    }

platforms_transition = transition(
    implementation = _platforms_transition_impl,
    inputs = [],
    outputs = [_PLATFORMS],
)

PLATFORM_ATTRS = {
    "_architectures": attr.label_keyed_string_dict(
        default = {constraint(cpu): names.architecture for cpu, names in CPUS.items()},
        providers = [platform_common.ConstraintValueInfo],
    ),
    "_linux": attr.label(
        default = "@platforms//os:linux",
        providers = [platform_common.ConstraintValueInfo],
    ),
}

def platform_of_target(ctx):
    """The target platform as an image has it.

    Args:
        ctx: the context of a rule with `PLATFORM_ATTRS`.

    Returns:
        A string, e.g. `linux/amd64`. Fails for a platform that cannot be that of an image.
    """

    def has(constraint):
        return ctx.target_platform_has_constraint(constraint[platform_common.ConstraintValueInfo])

    architectures = [name for constraint, name in ctx.attr._architectures.items() if has(constraint)]
    if not architectures or not has(ctx.attr._linux):
        fail("attribute target_platform: {} is built for a platform that is not Linux on a known CPU; name one that is, e.g. platform(name = \"linux_arm64\", constraint_values = [\"@platforms//os:linux\", \"@platforms//cpu:arm64\"])".format(ctx.label))
    return "linux/" + architectures[0]
