"""The tags of rules_python: `pypi_name=NAME` and `pypi_version=VERSION`.

They are on the targets of a repository that holds one distribution: those of 0.22 are written by
python/pip_install/tools/wheel_installer/wheel_installer.py, later ones by
python/private/pypi/whl_library_targets.bzl.
"""

load("//layers/private:recognisers/recognised.bzl", "own_files", "recognised")
load("//layers/private:tier_keys.bzl", "normalize_distribution")

visibility(["//layers/..."])

def recognise(target, ctx):
    """Recognises a target of an external repository by its tags.

    Args:
        target: Target.
        ctx: the context of an aspect on it.

    Returns:
        A struct of `recognised`, or None.
    """
    repository = target.label.repo_name
    name = _value(ctx, "pypi_name=") if repository else None
    if not name:
        return None
    return recognised(
        name = normalize_distribution(name),
        files = [file for file in own_files(target, ctx).to_list() if file.owner.repo_name == repository],
        version = _value(ctx, "pypi_version=") or "",
        fills_repository = True,
    )

def _value(ctx, prefix):
    for tag in getattr(ctx.rule.attr, "tags", []):
        if tag.startswith(prefix):
            return tag[len(prefix):]
    return None
