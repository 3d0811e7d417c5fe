"""A target that says itself what it is, by the public provider."""

load("//layers:providers.bzl", "UnitInfo")
load("//layers/private:recognisers/recognised.bzl", "recognised")
load("//layers/private:tier.bzl", "is_name")
load("//layers/private:tier_keys.bzl", "normalize_distribution")

visibility(["//layers/..."])

_KINDS = ["distribution", "interpreter"]

def recognise(target, _ctx):
    """Recognises a target with `UnitInfo`.

    Args:
        target: Target.
        _ctx: the context of an aspect on it.

    Returns:
        A struct of `recognised`, or None.
    """
    if UnitInfo not in target:
        return None
    unit = target[UnitInfo]
    if unit.kind not in _KINDS:
        fail("UnitInfo of {}: the kind {} is unknown; write one of {}".format(target.label, repr(unit.kind), ", ".join([repr(kind) for kind in _KINDS])))
    if not is_name(unit.name):
        fail("UnitInfo of {}: {} is not a name; use letters, digits, `.`, `_` and `-`, so that a key of a tier can name it".format(target.label, repr(unit.name)))
    return recognised(name = normalize_distribution(unit.name) if unit.kind == "distribution" else unit.name, files = unit.files.to_list(), version = unit.version, kind = unit.kind)
