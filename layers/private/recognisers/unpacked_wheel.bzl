"""py_unpacked_wheel of aspect_rules_py (py/private/py_unpacked_wheel.bzl), whose one output is a wheel's folder."""

load("//layers/private:recognisers/recognised.bzl", "recognised")
load("//layers/private:recognisers/wheel.bzl", "wheel_of")
load("//layers/private:tier_keys.bzl", "normalize_distribution")

visibility(["//layers/..."])

def recognise(target, ctx):
    """Recognises a target by its rule.

    Args:
        target: Target.
        ctx: the context of an aspect on it.

    Returns:
        A struct of `recognised`, or None.
    """
    if ctx.rule.kind != "py_unpacked_wheel":
        return None
    name, version = wheel_of(target, ctx)
    return recognised(name = normalize_distribution(name), files = target[DefaultInfo].files.to_list(), version = version)
