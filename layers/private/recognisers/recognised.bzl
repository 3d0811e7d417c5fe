"""What a recogniser says of a target."""

visibility(["//layers/..."])

def recognised(*, name, files, version = "", kind = "distribution", place = "", fills_repository = False):
    """The unit that a target is.

    Args:
        name: string, that of a package in the spelling by which a key of a tier names it.
        files: list of File, the unit's own.
        version: string; empty if nothing tells it.
        kind: string: `distribution` or `interpreter`.
        place: string, as that of `SharedUnitInfo`.
        fills_repository: bool, whether all that is in the target's repository is third-party.

    Returns:
        A struct of these.
    """
    return struct(name = name, files = files, version = version, kind = kind, place = place, fills_repository = fills_repository)

def own_files(target, ctx):
    """The files of a target itself.

    Args:
        target: Target.
        ctx: the context of an aspect on it.

    Returns:
        A depset of File.
    """
    return depset(getattr(ctx.rule.files, "data", []), transitive = [target[DefaultInfo].files])

def apparent_name(repository):
    """The name that an extension, or a module, gave a repository.

    Args:
        repository: string, the canonical name. Example: `rules_python~~pip~pip_311_numpy`.

    Returns:
        A string. Example: `pip_311_numpy`.
    """
    return repository.replace("+", "~").split("~")[-1]
