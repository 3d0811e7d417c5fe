"""The aspect that finds the interpreter of a py_binary."""

load("@rules_python//python:py_runtime_info.bzl", "PyRuntimeInfo")
load("//py/private:providers.bzl", "PyInterpreterInfo")

visibility(["//py/..."])

_PYTHON_TOOLCHAIN = "@rules_python//python:toolchain_type"

def _runtime(target, ctx):
    if PyRuntimeInfo in target:
        return target[PyRuntimeInfo]

    # Bazel 7's native py_binary beside a rules_python with a PyRuntimeInfo of its own.
    toolchain = ctx.toolchains[_PYTHON_TOOLCHAIN]
    return getattr(toolchain, "py3_runtime", None) if toolchain else None

def _interpreter_aspect_impl(target, ctx):
    runtime = _runtime(target, ctx)
    files = []
    direct = []
    if runtime and runtime.interpreter:
        direct.append(runtime.interpreter)
        files.append(runtime.files)
    return [PyInterpreterInfo(files = depset(direct, transitive = files))]

interpreter_aspect = aspect(
    implementation = _interpreter_aspect_impl,
    doc = "Finds the interpreter of the one target that it is applied to.",
    provides = [PyInterpreterInfo],
    toolchains = [config_common.toolchain_type(_PYTHON_TOOLCHAIN, mandatory = False)],
)
