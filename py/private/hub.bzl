"""The name of the hub that a binary has its distributions from."""

load("//layers/private:tier_keys.bzl", "normalize_distribution")

visibility(["//py/..."])

def hub_of(info):
    """The hub of the first distribution whose repository tells it.

    Args:
        info: `UnitsInfo`.

    Returns:
        A string, or None.
    """
    for unit in info.units.to_list():
        if unit.kind == "distribution":
            hub = hub_of_repository(unit.label.repo_name, unit.name)
            if hub:
                return hub
    return None

def hub_of_repository(repository, distribution):
    """The hub of a distribution's repository as rules_python calls it: HUB_VERSION_NAME.

    Args:
        repository: string, canonical name. Example: `rules_python~~pip~pypi_311_numpy`.
        distribution: string, normalised name. Example: `numpy`.

    Returns:
        A string, or None for a repository of another form. Example: `pypi`.
    """
    own = normalize_distribution(repository.replace("+", "~").split("~")[-1])
    hub, found, _ = (own + "-").partition("-{}-".format(distribution))
    hub, _, version = hub.rpartition("-")
    return hub.replace("-", "_") if found and hub and version.isdigit() else None
