"""What the aspects tell of a binary's closure."""

visibility(["//py/..."])

PyPackagesInfo = provider(
    doc = "The third-party Python distributions in a target's closure.",
    fields = {
        "closures": "depset of structs of `label` (Label) and `files` (depset of File): the target and each of those that it needs, with all that they need. For groups of an image, as those are in the configuration of the binary.",
        "repositories": "depset of string: canonical names of the repositories that hold one distribution each. Example: `rules_python~~pip~pip_311_numpy`.",
        "unit": "`PyUnitInfo`: the target's own files; None if it has none that are a unit.",
        "units": "depset of `PyUnitInfo`: the distributions, and the targets of the main repository and of other modules.",
    },
)

PyInterpreterInfo = provider(
    doc = "The interpreter that a binary runs with.",
    fields = {
        "files": "depset of File: the whole interpreter with its standard library; empty where it is a path of the platform (`interpreter_path`).",
        "interpreter": "File or None: the program among the files.",
        "unit": "`PyUnitInfo`: the same files. Its fragments are those of the toolchain's interpreter, shared by all binaries that run with it; a binary with another one has none.",
    },
)

PyLayoutInfo = provider(
    doc = "Where a binary stands in an image.",
    fields = {
        "launcher": "string: absolute path of the launcher. Example: `/app`.",
        "own_folder": "bool: whether the launcher stands in a folder of its own, at ROOT/PACKAGE/NAME/NAME.",
        "runfiles": "string: absolute path of the runfiles. Example: `/app.runfiles`.",
    },
)

PyUnitInfo = provider(
    doc = "Files that stay together in a layer, and what every image shares of them.",
    fields = {
        # As a depset, for its hash is that of the object. Units are in depsets, and hashing
        # thousands of Files for each image takes longer than all the rest.
        "files": "depset of File: the unit's own, without those of what it depends on.",
        "fragments": "tuple of structs: `key` (string: all that the bytes depend on but the files), `files` (depset of File), `count` (int, of the files), `part` and `sidecar` (Files). Empty for what no known tier has in a group.",
        "kind": "string: `distribution`, `interpreter` or `target`.",
        "label": "Label of the target whose files they are.",
        "name": "string: a distribution's normalised name (PEP 503), else a label for people. Example: `numpy`.",
    },
)
