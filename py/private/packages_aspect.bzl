"""The aspect that finds third-party Python distributions."""

load("//py/private:providers.bzl", "PyPackagesInfo")

visibility(["//py/..."])

_EDGES = ["actual", "data", "deps", "srcs"]

# rules_python's whl_library tags its py_library with the name of the distribution.
_TAG = "pypi_name="

def _is_distribution(target, ctx):
    if not target.label.repo_name:
        return False
    for tag in getattr(ctx.rule.attr, "tags", []):
        if tag.startswith(_TAG):
            return True
    return False

def _packages_aspect_impl(target, ctx):
    children = []
    for edge in _EDGES:
        value = getattr(ctx.rule.attr, edge, None)
        for dep in value if type(value) == "list" else [value]:
            if type(dep) == "Target" and PyPackagesInfo in dep:
                children.append(dep[PyPackagesInfo].repositories)
    return [PyPackagesInfo(repositories = depset(
        [target.label.repo_name] if _is_distribution(target, ctx) else [],
        transitive = children,
    ))]

packages_aspect = aspect(
    implementation = _packages_aspect_impl,
    doc = "Collects the repositories of third-party distributions.",
    attr_aspects = _EDGES,
    provides = [PyPackagesInfo],
)
