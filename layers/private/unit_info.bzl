"""What the aspects tell of the units that a binary needs."""

visibility(["//js/...", "//layers/...", "//py/..."])

UnitsInfo = provider(
    doc = "The units in a target's closure.",
    fields = {
        "closures": "depset of structs of `label` (Label) and `files` (depset of File): the target and each of those that it needs, with all that they need. For groups of an image, as those are in the configuration of the binary.",
        "repositories": "depset of string: canonical names of the repositories that hold one distribution each. Example: `rules_python~~pip~pip_311_numpy`.",
        "unit": "`SharedUnitInfo`: the target's own files; None if it has none that are a unit.",
        "units": "depset of `SharedUnitInfo`: the distributions, the interpreters that say that they are some, and the targets of the main repository and of other modules.",
    },
)

SharedUnitInfo = provider(
    doc = "Files that stay together in a layer, and what every image shares of them.",
    fields = {
        # As a depset, for its hash is that of the object. Units are in depsets, and hashing
        # thousands of Files for each image takes longer than all the rest.
        "files": "depset of File: the unit's own, without those of what it depends on.",
        "fragments": "tuple of structs: `key` (string: all that the bytes depend on but the files), `files` (depset of File), `count` (int, of the files that no fragment before it has), `part` and `sidecar` (Files). Empty for what no known tier has in a group.",
        "kind": "string: `distribution`, `interpreter`, `target` or `dependency`.",
        "label": "Label of the target whose files they are.",
        "name": "string: a distribution's name as its recogniser has it, else a label for people. Example: `numpy`.",
        "place": "string: its path in the runfiles, by which it is known, of what a program finds by a link as well: it stands in the `store` of a tier that has one. Empty for what is always in the runfiles. Example: `node_modules/.aspect_rules_js/react@19.0.0/node_modules/react`.",
        "version": "string: that of a distribution; empty if nothing tells it. Example: `2.1.0`.",
    },
)

def shared_unit(*, files, kind, label, name, fragments = (), place = "", version = ""):
    """A unit.

    Args:
        files: depset of File, as all that follows a field of `SharedUnitInfo`.
        kind: string.
        label: Label.
        name: string.
        fragments: tuple.
        place: string.
        version: string.

    Returns:
        `SharedUnitInfo`.
    """
    return SharedUnitInfo(files = files, fragments = fragments, kind = kind, label = label, name = name, place = place, version = version)
