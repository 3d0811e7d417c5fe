"""Providers between the rules for Python."""

visibility(["//py/..."])

PyInterpreterInfo = provider(
    doc = "The interpreter that a binary runs with.",
    fields = {
        "files": "depset of File: the interpreter with its standard library; empty if it is a path of the machine (`interpreter_path`).",
        "interpreter": "File or None: the program among the files.",
        "unit": "`SharedUnitInfo`: the same files. If they are the interpreter of the toolchain, its fragments are shared by all binaries that run with it. Any other interpreter has no fragments.",
    },
)
