"""What the rules of Python tell each other."""

visibility(["//py/..."])

PyInterpreterInfo = provider(
    doc = "The interpreter that a binary runs with.",
    fields = {
        "files": "depset of File: the whole interpreter with its standard library; empty where it is a path of the platform (`interpreter_path`).",
        "interpreter": "File or None: the program among the files.",
        "unit": "`SharedUnitInfo`: the same files. Its fragments are those of the toolchain's interpreter, shared by all binaries that run with it; a binary with another one has none.",
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
