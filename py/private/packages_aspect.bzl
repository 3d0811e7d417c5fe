"""The aspect that finds third-party Python distributions, and compresses them once."""

load("//layers:toolchain.bzl", "LAYER_TOOL")
load("//layers/private:declared_links.bzl", "declared_links", "declared_links_aspect", "targets_of")
load("//layers/private:label_text.bzl", "label_text", "module_of")
load("//py/private:layer_tier.bzl", "LayerTierInfo")
load("//py/private:providers.bzl", "PyPackagesInfo")
load("//py/private:tier_keys.bzl", "normalize_distribution")
load("//py/private:units.bzl", "declare_unit")

visibility(["//py/..."])

# aspect_rules_py's py_binary has its dependencies at a `venv`, and virtual ones in `resolutions`.
_EDGES = ["actual", "data", "deps", "resolutions", "srcs", "venv"]

# rules_python's whl_library tags its py_library with the name of the distribution.
_TAG = "pypi_name="

# aspect_rules_py's uv has a repository for each wheel: whl_install__PROJECT__NAME__VERSION.
_UV_REPOSITORY = "whl_install__"

def in_site_packages(file):
    """Whether a file is third-party by its place.

    Args:
        file: File.

    Returns:
        bool. Of the main repository, only a folder that an action makes can be:
        aspect_rules_py merges packages that several wheels have into one.
    """
    return (file.short_path.startswith("../") or file.is_directory) and "/site-packages/" in file.short_path

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

def _repository_name(label):
    """The name by the repository, where nothing else tells it."""
    _, _, wheel = label.repo_name.partition(_UV_REPOSITORY)
    parts = wheel.split("__")
    if len(parts) > 2:
        return parts[1]
    return label.repo_name.replace("+", "~").split("~")[-1] or label.name

def _wheel_name(ctx):
    """The name by that of the wheel that a target installs (PEP 427)."""
    for file in getattr(ctx.rule.files, "src", []):
        if file.extension == "whl":
            return file.basename.split("-")[0]
    return None

def _installed_tree(target, ctx):
    """The folder that aspect_rules_py installs a wheel to; None for any other target.

    Its PyWheelsInfo says the same, but a provider of a module that not every user has
    cannot be loaded.
    """
    if OutputGroupInfo in target and hasattr(target[OutputGroupInfo], "install_dir"):
        return target[OutputGroupInfo].install_dir
    return target[DefaultInfo].files if ctx.rule.kind == "py_unpacked_wheel" else None

def _own_files(target, ctx):
    return depset(getattr(ctx.rule.files, "data", []), transitive = [target[DefaultInfo].files])

def _distribution(target, ctx, children):
    """The name and the files of a distribution; no files if the target is none."""
    installed = _installed_tree(target, ctx)
    if installed:
        return _wheel_name(ctx) or _repository_name(target.label), installed.to_list()

    repository = target.label.repo_name
    name = _tagged_name(ctx)
    if not repository or (not name and ctx.rule.kind == "filegroup"):
        # A group of files, say the metadata of a wheel, is a part of what has them all.
        return None, []

    # The same repository may hold parts of other targets: whoever depends on those has them.
    taken = {
        file: None
        for child in children
        if child.unit and child.unit.kind == "distribution" and child.unit.label.repo_name == repository
        for file in child.unit.files.to_list()
    }
    files = [
        file
        for file in _own_files(target, ctx).to_list()
        if file.owner.repo_name == repository and (name or in_site_packages(file)) and file not in taken
    ]
    return name or _installed_name(files) or _repository_name(target.label), files

def _unit(target, ctx, children):
    tier = ctx.attr._layer_tier[LayerTierInfo]
    name, files = _distribution(target, ctx, children)
    if files:
        return declare_unit(ctx, tier = tier, kind = "distribution", name = normalize_distribution(name), files = depset(files), links = declared_links([target]))
    if module_of(target.label) != None:
        return declare_unit(ctx, tier = tier, kind = "target", name = label_text(target.label), files = _own_files(target, ctx), links = declared_links([target]))
    return None

def _packages_aspect_impl(target, ctx):
    children = [
        dep[PyPackagesInfo]
        for edge in _EDGES
        for dep in targets_of(getattr(ctx.rule.attr, edge, None))
        if PyPackagesInfo in dep
    ]
    unit = _unit(target, ctx, children)
    tagged = target.label.repo_name and _tagged_name(ctx)
    info = target[DefaultInfo]
    closure = struct(
        files = depset(transitive = [info.files] + ([info.default_runfiles.files] if info.default_runfiles else [])),
        label = target.label,
    )
    return [PyPackagesInfo(
        closures = depset([closure], transitive = [child.closures for child in children]),
        repositories = depset(
            [target.label.repo_name] if tagged else [],
            transitive = [child.repositories for child in children],
        ),
        unit = unit,
        units = depset(
            [unit] if unit else [],
            transitive = [child.units for child in children],
        ),
    )]

packages_aspect = aspect(
    implementation = _packages_aspect_impl,
    doc = "Collects third-party distributions, whose fragments it declares at their own targets.",
    attr_aspects = _EDGES,
    requires = [declared_links_aspect],
    attrs = {
        "_layer_tier": attr.label(default = "//py:layer_tier", providers = [LayerTierInfo]),
    },
    provides = [PyPackagesInfo],
    toolchains = LAYER_TOOL,
)
