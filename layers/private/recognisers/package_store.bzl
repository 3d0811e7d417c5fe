"""Packages of npm in the store of rules_js.

A third-party package is a folder at node_modules/.aspect_rules_js/NAME@VERSION/node_modules/NAME, and its
target has that in the output group `package_directory` (npm/private/npm_package_store.bzl), as have those
that stand for it: so neither providers nor rules_js need be known here. First-party ones have the version
0.0.0 (npm/private/utils.bzl).
"""

load("//layers/private:recognisers/recognised.bzl", "recognised")

visibility(["//js/...", "//layers/..."])

_STORE = "/.aspect_rules_js/"
_FIRST_PARTY = "@0.0.0"
_OUTPUT_GROUP = "package_directory"

def package_in_store(path):
    """The package of the store that a path is of.

    Args:
        path: string, which has a slash before the store's folder.

    Returns:
        A string, `NAME@VERSION` as the store spells it; None for any other path.
    """
    _, _, stored = path.partition(_STORE)
    package, _, rest = stored.partition("/")
    return package if ("/" + rest).startswith("/node_modules") else None

def is_first_party(package):
    """Whether a package of the store is of the workspace.

    Args:
        package: string of `package_in_store`.

    Returns:
        bool.
    """

    # Of `@scope+name@1.0.0_react@0.0.0` the first `@` is the scope's and the last that of a peer.
    return "@" + package[1:].partition("@")[2] == _FIRST_PARTY

def recognise(target, _ctx):
    """Recognises a target with a folder of the store in the output group `package_directory`.

    Args:
        target: Target.
        _ctx: the context of an aspect on it.

    Returns:
        A struct of `recognised`, or None.
    """
    if OutputGroupInfo not in target or not hasattr(target[OutputGroupInfo], _OUTPUT_GROUP):
        return None
    directories = getattr(target[OutputGroupInfo], _OUTPUT_GROUP).to_list()
    return recognise_file(directories[0]) if len(directories) == 1 else None

def recognise_file(file):
    """Recognises a file of which no target was seen.

    Args:
        file: File.

    Returns:
        A struct of `recognised`, or None.
    """
    package = package_in_store("/" + file.short_path) if file.is_directory else None
    if not package or is_first_party(package):
        return None
    return recognised(
        name = file.short_path.rsplit("/node_modules/", 1)[1],
        files = [file],
        place = file.short_path,
        version = package[1:].partition("@")[2].partition("_")[0],
    )
