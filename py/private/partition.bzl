"""Which layer each file of a binary belongs to."""

visibility(["//py/..."])

def _in_site_packages(file):
    """Whether an external repository without a tag has the file as third-party."""
    return file.short_path.startswith("../") and "/site-packages/" in file.short_path

def partition(files, packages, interpreter):
    """Gives each file of a runfiles tree to exactly one layer.

    The sorting is done at analysis, so that every layer's action has its own files as
    inputs and no others: that takes one pass over the list.

    Args:
        files: depset of File: the runfiles of a binary.
        packages: depset of string: repositories of third-party distributions.
        interpreter: depset of File.

    Returns:
        A dict of layer (`interpreter`, `packages`, `default`) to a list of File.
    """
    is_package = {repository: None for repository in packages.to_list()}
    is_interpreter = {file: None for file in interpreter.to_list()}
    parts = {"interpreter": [], "packages": [], "default": []}
    for file in files.to_list():
        if file in is_interpreter:
            parts["interpreter"].append(file)
        elif _in_site_packages(file) or file.owner.repo_name in is_package:
            parts["packages"].append(file)
        else:
            parts["default"].append(file)
    return parts
