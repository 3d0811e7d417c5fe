"""Whose unit is this target? The recognisers, in the order in which they are asked.

To add one, write a file of `recognisers/` with its facts and their source, and name it here.
"""

load("//layers/private:recognisers/declared.bzl", declared = "recognise")
load("//layers/private:recognisers/install_tree.bzl", install_tree = "recognise")
load("//layers/private:recognisers/node_toolchain.bzl", node_toolchain = "recognise")
load("//layers/private:recognisers/package_store.bzl", package_of_store = "recognise_file", package_store = "recognise")
load("//layers/private:recognisers/pypi_tag.bzl", pypi_tag = "recognise")
load("//layers/private:recognisers/site_packages.bzl", "in_site_packages", "path_in_site_packages", "recognise_files", site_packages = "recognise")
load("//layers/private:recognisers/unpacked_wheel.bzl", unpacked_wheel = "recognise")

visibility(["//layers/...", "//py/..."])

_RECOGNISERS = [
    declared,
    install_tree,
    unpacked_wheel,
    pypi_tag,
    site_packages,
    package_store,
    node_toolchain,
]

def recognise(target, ctx):
    """The unit that a target is.

    Args:
        target: Target.
        ctx: the context of an aspect on it.

    Returns:
        A struct of `recognised`, that of the first recogniser that knows the target; None if none does.
    """
    for recogniser in _RECOGNISERS:
        unit = recogniser(target, ctx)
        if unit:
            return unit
    return None

# What tells of files, whatever target they are of.
is_third_party = in_site_packages
path_in_unit = path_in_site_packages
repositories_of_files = recognise_files
recognise_file = package_of_store
