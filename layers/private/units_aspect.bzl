"""The aspect that finds the units in a binary's closure, and compresses them once."""

load("//layers:toolchain.bzl", "LAYER_TOOL")
load(":declared_links.bzl", "declared_links", "declared_links_aspect", "targets_of")
load(":label_text.bzl", "label_text", "module_of")
load(":layer_tier_info.bzl", "LayerTierInfo", "in_runfiles")
load(":recognisers/recognised.bzl", "own_files")
load(":recognisers.bzl", "recognise")
load(":unit_info.bzl", "UnitsInfo")
load(":units.bzl", "declare_unit")

visibility(["//js/...", "//layers/...", "//py/..."])

# The attributes by which rules get what is in the runfiles.
_EDGES = [
    "actual",
    "data",
    "deps",
    "srcs",
    # rules_js: what a link to a package stands for.
    "src",
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

def _without_others(found, label, children):
    """The files that are not of a target it depends on: a repository may hold parts of others, and targets stand for others."""
    taken = {
        # Targets that share an action have a File each, of one path.
        file.path: child.unit
        for child in children
        if child.unit and child.unit.kind == found.kind and child.unit.label.repo_name == label.repo_name
        for file in child.unit.files.to_list()
    }
    if not taken:
        return found.files, None
    files = [file for file in found.files if file.path not in taken]
    stands_for = taken[found.files[0].path] if found.files and not files else None
    return files, stands_for

def _unit(target, ctx, tier, found, children):
    if found:
        files, stands_for = _without_others(found, target.label, children)
        if stands_for and found.place:
            return stands_for
        if files:
            return declare_unit(
                ctx,
                tier = tier,
                kind = found.kind,
                name = found.name,
                version = found.version,
                place = found.place,
                files = depset(files),
                links = declared_links([target]),
            )
    if module_of(target.label) != None:
        return declare_unit(ctx, tier = tier, kind = "target", name = label_text(target.label), files = own_files(target, ctx), links = declared_links([target]))
    return None

def _units_aspect_impl(target, ctx, tier):
    children = [
        dep[UnitsInfo]
        for edge in _EDGES
        for dep in targets_of(getattr(ctx.rule.attr, edge, None))
        if UnitsInfo in dep
    ]
    found = recognise(target, ctx)
    unit = _unit(target, ctx, tier, found, children)
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

def new_units_aspect(flag, adapt):
    """The aspect for images that take their tier from a flag.

    Args:
        flag: string, label of the flag.
        adapt: function that takes the `LayerTierInfo` of the flag and returns the one for these images.

    Returns:
        An aspect.
    """
    return aspect(
        implementation = lambda target, ctx: _units_aspect_impl(target, ctx, adapt(ctx.attr._layer_tier[LayerTierInfo])),
        doc = "Collects units, whose fragments it declares at their own targets.",
        attr_aspects = _EDGES,
        requires = [declared_links_aspect],
        attrs = {
            "_layer_tier": attr.label(default = flag, providers = [LayerTierInfo]),
        },
        provides = [UnitsInfo],
        toolchains = LAYER_TOOL,
    )

units_aspect = new_units_aspect(Label("//layers:layer_tier"), in_runfiles)
