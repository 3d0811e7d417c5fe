"""The aspect that finds the interpreter of a py_binary."""

load("@rules_python//python:py_runtime_info.bzl", "PyRuntimeInfo")
load("//layers:toolchain.bzl", "LAYER_TOOL")
load("//layers/private:layer_tier_info.bzl", "LayerTierInfo")
load("//layers/private:unit_info.bzl", "shared_unit")
load("//layers/private:units.bzl", "declare_unit")
load("//py/private:providers.bzl", "PyInterpreterInfo")

visibility(["//py/..."])

_PYTHON_TOOLCHAIN = "@rules_python//python:toolchain_type"
_TOOLCHAINS = [config_common.toolchain_type(_PYTHON_TOOLCHAIN, mandatory = False)]

def _toolchain_runtime(ctx):
    toolchain = ctx.toolchains[_PYTHON_TOOLCHAIN]
    return getattr(toolchain, "py3_runtime", None) if toolchain else None

def _files(runtime):
    """As a list in a depset; empty for an interpreter of the platform."""
    if not runtime or not runtime.interpreter:
        return depset()
    return depset(depset([runtime.interpreter], transitive = [runtime.files]).to_list())

def _toolchain_interpreter_impl(ctx):
    runtime = _toolchain_runtime(ctx)
    files = _files(runtime)
    unit = None
    if files:
        unit = declare_unit(ctx, tier = ctx.attr._layer_tier[LayerTierInfo], kind = "interpreter", name = "interpreter", files = files)
    return [
        PyInterpreterInfo(files = files, interpreter = runtime.interpreter if files else None, unit = unit),
        _RuntimeInfo(runtime = runtime),
    ]

_RuntimeInfo = provider(
    doc = "Whose interpreter a `toolchain_interpreter` has.",
    fields = {"runtime": "`PyRuntimeInfo` or None."},
)

# Aspects do not go along toolchains before Bazel 8, so this target stands for that of the
# runtime: there is one for each configuration.
toolchain_interpreter = rule(
    implementation = _toolchain_interpreter_impl,
    doc = "The interpreter of the Python toolchain, and its fragments.",
    attrs = {
        "_layer_tier": attr.label(default = "//py:layer_tier", providers = [LayerTierInfo]),
    },
    toolchains = _TOOLCHAINS + LAYER_TOOL,
)

def _interpreter_aspect_impl(target, ctx):
    venv = getattr(ctx.rule.attr, "venv", None)
    if type(venv) == "Target" and PyInterpreterInfo in venv:
        # aspect_rules_py's py_binary runs the program of its venv, which alone is built for the
        # version of Python that the binary asks for.
        return [venv[PyInterpreterInfo]]
    shared = ctx.attr._interpreter
    if PyRuntimeInfo not in target:
        # Bazel 7's native py_binary beside a rules_python with a PyRuntimeInfo of its own.
        return [shared[PyInterpreterInfo]]
    runtime = target[PyRuntimeInfo]
    toolchain = shared[_RuntimeInfo].runtime
    if toolchain and runtime.interpreter == toolchain.interpreter and runtime.files == toolchain.files:
        return [shared[PyInterpreterInfo]]
    files = _files(runtime)
    unit = shared_unit(files = files, kind = "interpreter", label = target.label, name = "interpreter")
    return [PyInterpreterInfo(files = files, interpreter = runtime.interpreter if files else None, unit = unit if files else None)]

interpreter_aspect = aspect(
    implementation = _interpreter_aspect_impl,
    doc = "Finds the interpreter of the target that it is applied to.",
    attr_aspects = ["venv"],
    attrs = {
        "_interpreter": attr.label(default = "//py/private:interpreter", providers = [PyInterpreterInfo]),
    },
    provides = [PyInterpreterInfo],
)
