"""Third-party Python by its place: a folder site-packages, and the metadata that every wheel has there (PEP 427)."""

load("//layers/private:recognisers/recognised.bzl", "apparent_name", "own_files", "recognised")
load("//layers/private:tier_keys.bzl", "normalize_distribution")

visibility(["//layers/..."])

_METADATA = ".dist-info/"

def in_site_packages(file):
    """Whether a file is third-party by its place.

    Args:
        file: File.

    Returns:
        bool. Of the main repository, only a folder that an action makes can be:
        aspect_rules_py merges packages that several wheels have into one.
    """
    return (file.short_path.startswith("../") or file.is_directory) and "/site-packages/" in file.short_path

def path_in_site_packages(file):
    """The path that a glob of a tier is for.

    Args:
        file: File.

    Returns:
        A string: the path below site-packages, else below the file's repository.
    """
    path = file.short_path
    _, _, below = path.partition("/site-packages/")
    return below or (path.split("/", 2)[2] if path.startswith("../") else path)

def recognise(target, ctx):
    """Recognises a target of an external repository with files in site-packages.

    Args:
        target: Target.
        ctx: the context of an aspect on it.

    Returns:
        A struct of `recognised`, or None.
    """
    repository = target.label.repo_name
    if not repository or ctx.rule.kind == "filegroup":
        # A group of files, say the metadata of a wheel, is a part of what has them all.
        return None
    files = [
        file
        for file in own_files(target, ctx).to_list()
        if file.owner.repo_name == repository and in_site_packages(file)
    ]
    if not files:
        return None
    for file in files:
        wheel = _wheel_of(file)
        if wheel:
            return recognised(name = normalize_distribution(wheel.name), files = files, version = wheel.version)
    return recognised(name = normalize_distribution(apparent_name(repository)), files = files)

def recognise_files(files):
    """Recognises files of which no target was seen: external repositories with the metadata of one wheel in each.

    Args:
        files: list of File.

    Returns:
        A dict of repository to the normalised name of its wheel.
    """
    names = {}
    for file in files:
        wheel = _wheel_of(file)
        if wheel and file.owner.repo_name:
            names.setdefault(file.owner.repo_name, {})[normalize_distribution(wheel.name)] = None
    return {repository: found.keys()[0] for repository, found in names.items() if len(found) == 1}

def _wheel_of(file):
    """The wheel whose metadata a file is; None for any other file."""
    folder, found, _ = file.short_path.partition(_METADATA)
    if not found or not in_site_packages(file):
        return None
    name, _, version = folder.split("/")[-1].partition("-")
    return struct(name = name, version = version)
