"""Which layer each part of a binary's runfiles belongs to."""

load("//layers/private:recognisers.bzl", "is_third_party")

visibility(["//py/..."])

# The default groups, in the order of their layers: what changes least comes first.
DEFAULT_GROUPS = ["interpreter", "packages", "default"]

def partition(runfiles, packages, interpreter):
    """Gives each file and link of a runfiles tree to exactly one layer.

    The sorting is done at analysis, so that every layer's action has its own files as
    inputs and no others: that takes one pass over the list.

    Args:
        runfiles: runfiles of a binary.
        packages: `UnitsInfo` of the binary.
        interpreter: depset of File.

    Returns:
        A dict of default group to a struct with the lists `files` (of File), `symlinks`
        and `root_symlinks` (of SymlinkEntry).
    """
    third_party = {repository: None for repository in packages.repositories.to_list()}
    is_package = {
        file: None
        for unit in packages.units.to_list()
        if unit.kind == "distribution"
        for file in unit.files.to_list()
    }
    is_interpreter = {file: None for file in interpreter.to_list()}

    def group_of(file):
        if file in is_interpreter:
            return "interpreter"
        if file in is_package or is_third_party(file) or file.owner.repo_name in third_party:
            return "packages"
        return "default"

    parts = {
        group: struct(files = [], symlinks = [], root_symlinks = [])
        for group in DEFAULT_GROUPS
    }
    for file in runfiles.files.to_list():
        parts[group_of(file)].files.append(file)

    # A link to a package's file (rules_python's venvs_site_packages has one for each
    # shared object) stands beside that file: there it is a hard link, not a copy.
    for entry in runfiles.symlinks.to_list():
        parts[group_of(entry.target_file)].symlinks.append(entry)
    for entry in runfiles.root_symlinks.to_list():
        parts[group_of(entry.target_file)].root_symlinks.append(entry)
    return parts
