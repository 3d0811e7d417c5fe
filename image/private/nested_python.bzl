"""The aspect that finds a Python program in what an image starts, which runs it as a program of its own."""

load("@rules_python//python:py_runtime_info.bzl", "PyRuntimeInfo")
load("//layers/private:declared_links.bzl", "targets_of")
load(":arguments.bzl", "EXECUTABLES")

visibility("//image/...")

NestedPythonInfo = provider(
    doc = "The Python of a program in a target's closure.",
    fields = {"interpreter": "File or None: that of the first program that brings one."},
)

# Along `venv` aspect_rules_py's py_binary has its interpreter.
_EDGES = EXECUTABLES + ["actual", "data", "deps", "src", "srcs", "venv"]

def _nested_python_aspect_impl(target, ctx):
    if PyRuntimeInfo in target:
        return [NestedPythonInfo(interpreter = target[PyRuntimeInfo].interpreter)]
    for edge in _EDGES:
        for dep in targets_of(getattr(ctx.rule.attr, edge, None)):
            if NestedPythonInfo in dep and dep[NestedPythonInfo].interpreter:
                return [dep[NestedPythonInfo]]
    return [NestedPythonInfo(interpreter = None)]

nested_python_aspect = aspect(
    implementation = _nested_python_aspect_impl,
    doc = "Finds the interpreter of a py_binary in the closure of an executable.",
    attr_aspects = _EDGES,
    provides = [NestedPythonInfo],
)
