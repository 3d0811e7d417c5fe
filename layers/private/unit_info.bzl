"""Providers of the aspects that find the units of a binary."""

visibility(["//js/...", "//layers/...", "//py/..."])

UnitsInfo = provider(
    doc = "The units in a target's closure.",
    fields = {
        "closures": "depset of structs of `label` (Label) and `files` (depset of File): the target and each target that it needs, each with everything that it needs. It is for `groups` of an image, whose targets must be in the configuration of the binary.",
        "repositories": "depset of string: canonical names of the repositories that hold one distribution each. Example: `rules_python~~pip~pip_311_numpy`.",
        "unit": "`SharedUnitInfo`: the unit of the target's own files; None if they are not a unit.",
        "units": "depset of `SharedUnitInfo`: distributions, interpreters that say so themselves, and targets of the main repository and of other modules.",
    },
)

SharedUnitInfo = provider(
    doc = "Files that stay together in a layer, and what every image shares of them.",
    fields = {
        # As a depset, for its hash is that of the object. Units are in depsets, and hashing
        # thousands of Files for each image takes longer than all the rest.
        "files": "depset of File: the files of the unit, without those of its dependencies.",
        "fragments": "tuple of structs: `key` (string: everything that the bytes depend on, except the files), `files` (depset of File), `count` (int: the number of files that no earlier fragment has), `part` and `sidecar` (Files). Empty if no known tier has the unit in a group.",
        "kind": "string: `distribution`, `interpreter`, `target` or `dependency`.",
        "label": "Label of the target whose files they are.",
        "name": "string: name of a distribution, from its recogniser; else a label for people. Example: `numpy`.",
        "place": "string: path of the unit in the runfiles, if programs can also find it through a link. With a tier that has a `store`, the unit is there. Empty for a unit that is always in the runfiles. Example: `node_modules/.aspect_rules_js/react@19.0.0/node_modules/react`.",
        "version": "string: version of a distribution; empty if it is unknown. Example: `2.1.0`.",
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
