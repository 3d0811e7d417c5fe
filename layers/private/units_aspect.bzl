"""The aspect that finds the units in a binary's closure, and compresses them once."""

load("//layers:toolchain.bzl", "LAYER_TOOL")
load(":declared_links.bzl", "declared_links", "declared_links_aspect", "targets_of")
load(":label_text.bzl", "label_text", "module_of")
load(":layer_tier.bzl", "LayerTierInfo")
load(":recognisers/recognised.bzl", "own_files")
load(":recognisers.bzl", "recognise")
load(":tier_keys.bzl", "normalize_distribution")
load(":unit_info.bzl", "UnitsInfo")
load(":units.bzl", "declare_unit")

visibility(["//layers/...", "//py/..."])

# The attributes by which rules get what is in the runfiles.
_EDGES = [
    "actual",
    "data",
    "deps",
    "srcs",
    # aspect_rules_py's py_binary: its dependencies, and virtual ones.
    "resolutions",
    "venv",
    # rules_cc, rules_go, rules_java.
    "dynamic_deps",
    "embed",
    "exports",
    "implementation_deps",
    "runtime_deps",
]

def _without_others(files, label, children):
    """The same repository may hold parts of other targets: whoever depends on those has them."""
    taken = {
        file: None
        for child in children
        if child.unit and child.unit.kind == "distribution" and child.unit.label.repo_name == label.repo_name
        for file in child.unit.files.to_list()
    }
    return [file for file in files if file not in taken] if taken else files

def _unit(target, ctx, found, children):
    tier = ctx.attr._layer_tier[LayerTierInfo]
    files = _without_others(found.files, target.label, children) if found else []
    if files:
        name = normalize_distribution(found.name) if found.kind == "distribution" else found.name
        return declare_unit(ctx, tier = tier, kind = found.kind, name = name, version = found.version, files = depset(files), links = declared_links([target]))
    if module_of(target.label) != None:
        return declare_unit(ctx, tier = tier, kind = "target", name = label_text(target.label), files = own_files(target, ctx), links = declared_links([target]))
    return None

def _units_aspect_impl(target, ctx):
    children = [
        dep[UnitsInfo]
        for edge in _EDGES
        for dep in targets_of(getattr(ctx.rule.attr, edge, None))
        if UnitsInfo in dep
    ]
    found = recognise(target, ctx)
    unit = _unit(target, ctx, found, children)
    info = target[DefaultInfo]
    closure = struct(
        files = depset(transitive = [info.files] + ([info.default_runfiles.files] if info.default_runfiles else [])),
        label = target.label,
    )
    return [UnitsInfo(
        closures = depset([closure], transitive = [child.closures for child in children]),
        repositories = depset(
            [target.label.repo_name] if found and found.fills_repository else [],
            transitive = [child.repositories for child in children],
        ),
        unit = unit,
        units = depset(
            [unit] if unit else [],
            transitive = [child.units for child in children],
        ),
    )]

units_aspect = aspect(
    implementation = _units_aspect_impl,
    doc = "Collects units, whose fragments it declares at their own targets.",
    attr_aspects = _EDGES,
    requires = [declared_links_aspect],
    attrs = {
        "_layer_tier": attr.label(default = "//layers:layer_tier", providers = [LayerTierInfo]),
    },
    provides = [UnitsInfo],
    toolchains = LAYER_TOOL,
)
