"""What the aspects tell of a binary's closure."""

visibility(["//py/..."])

PyPackagesInfo = provider(
    doc = "The third-party Python distributions in a target's closure.",
    fields = {
        "repositories": "depset of string: canonical names of the repositories that hold one distribution each. Example: `rules_python~~pip~pip_311_numpy`.",
    },
)

PyInterpreterInfo = provider(
    doc = "The interpreter that a binary runs with.",
    fields = {
        "files": "depset of File: the whole interpreter with its standard library; empty where it is a path of the platform (`interpreter_path`).",
    },
)
