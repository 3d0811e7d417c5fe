"""The folder that aspect_rules_py's uv installs a wheel to.

`whl_install` (uv/private/whl_install/rule.bzl) has it in the output group `install_dir`. Its
PyWheelsInfo says the same, but a provider of a module that not every user has cannot be loaded.
"""

load("//layers/private:recognisers/recognised.bzl", "recognised")
load("//layers/private:recognisers/wheel.bzl", "wheel_of")
load("//layers/private:tier_keys.bzl", "normalize_distribution")

visibility(["//layers/..."])

def recognise(target, ctx):
    """Recognises a target with the output group `install_dir`.

    Args:
        target: Target.
        ctx: the context of an aspect on it.

    Returns:
        A struct of `recognised`, or None.
    """
    if OutputGroupInfo not in target or not hasattr(target[OutputGroupInfo], "install_dir"):
        return None
    name, version = wheel_of(target, ctx)
    return recognised(name = normalize_distribution(name), files = target[OutputGroupInfo].install_dir.to_list(), version = version)
