"""The aspect that finds third-party Python distributions, and compresses them once."""

load("//layer_tool:toolchain.bzl", "TOOLCHAIN_TYPE")
load("//py/private:layer_tier.bzl", "LayerTierInfo")
load("//py/private:providers.bzl", "PyPackagesInfo")
load("//py/private:tier_keys.bzl", "normalize_distribution")
load("//py/private:units.bzl", "declare_unit", "label_text")

visibility(["//py/..."])

_EDGES = ["actual", "data", "deps", "srcs"]

# rules_python's whl_library tags its py_library with the name of the distribution.
_TAG = "pypi_name="

def in_site_packages(file):
    """Whether an external repository has the file as third-party.

    Args:
        file: File.

    Returns:
        bool.
    """
    return file.short_path.startswith("../") and "/site-packages/" in file.short_path

def _tagged_name(ctx):
    for tag in getattr(ctx.rule.attr, "tags", []):
        if tag.startswith(_TAG):
            return tag[len(_TAG):]
    return None

def _installed_name(files):
    """The name by the folder of metadata that every wheel has (PEP 427)."""
    for file in files:
        folder, metadata, _ = file.short_path.partition(".dist-info/")
        if metadata and in_site_packages(file):
            return folder.split("/")[-1].split("-")[0]
    return None

def _own_files(target, ctx):
    return depset(getattr(ctx.rule.files, "data", []), transitive = [target[DefaultInfo].files])

def _unit(target, ctx):
    tier = ctx.attr._layer_tier[LayerTierInfo]
    if not target.label.repo_name:
        return declare_unit(ctx, tier = tier, kind = "target", name = label_text(target.label), files = _own_files(target, ctx))

    name = _tagged_name(ctx)
    files = _own_files(target, ctx).to_list()
    if name:
        # The same repository may hold parts of other targets: whoever depends on those has them.
        files = [file for file in files if file.owner.repo_name == target.label.repo_name]
    else:
        files = [file for file in files if in_site_packages(file) and file.owner.repo_name == target.label.repo_name]
        name = _installed_name(files) or target.label.repo_name.replace("+", "~").split("~")[-1]
    if not files:
        return None
    return declare_unit(ctx, tier = tier, kind = "distribution", name = normalize_distribution(name), files = depset(files))

def _packages_aspect_impl(target, ctx):
    children = []
    for edge in _EDGES:
        value = getattr(ctx.rule.attr, edge, None)
        for dep in value if type(value) == "list" else [value]:
            if type(dep) == "Target" and PyPackagesInfo in dep:
                children.append(dep[PyPackagesInfo])

    unit = _unit(target, ctx)
    tagged = target.label.repo_name and _tagged_name(ctx)
    return [PyPackagesInfo(
        repositories = depset(
            [target.label.repo_name] if tagged else [],
            transitive = [child.repositories for child in children],
        ),
        units = depset(
            [unit] if unit else [],
            transitive = [child.units for child in children],
        ),
    )]

packages_aspect = aspect(
    implementation = _packages_aspect_impl,
    doc = "Collects third-party distributions, whose fragments it declares at their own targets.",
    attr_aspects = _EDGES,
    attrs = {
        "_layer_tier": attr.label(default = "//py:layer_tier", providers = [LayerTierInfo]),
    },
    provides = [PyPackagesInfo],
    toolchains = [TOOLCHAIN_TYPE],
)
