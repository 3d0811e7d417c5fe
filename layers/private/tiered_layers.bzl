"""The layers of an image in the layout of a tier."""

load(":assembly.bzl", "assemble")
load(":attributes.bzl", "check_groups", "read_execution_requirements")
load(":compression.bzl", "check_level", "compression_form", "parse_form")
load(":declared_links.bzl", "declared_links")
load(":fragment.bzl", "concat_layer")
load(":label_text.bzl", "label_text")
load(":launchers.bzl", "launcher_at", "place_launchers")
load(":layer.bzl", "list_tree_links", "manifest_file")
load(":layer_tier_info.bzl", "LayerTierInfo", "in_runfiles", "with_changes")
load(":layout.bzl", "DEFAULT_ROOT", "check_root", "layout_at")
load(":manifest.bzl", "add_file", "add_link", "add_runfiles", "add_runfiles_links", "new_manifest")
load(":own_layers.bzl", "layer_writer", "own_layer")
load(":plan.bzl", "check_layer_count")
load(":tier.bzl", "check_group", "form_of")
load(":tier_style.bzl", "DEFAULT", "INTERPRETER", "PACKAGES", "STYLE", "taken_names")
load(":unit_info.bzl", "UnitsInfo", "shared_unit")
load(":units.bzl", "files_manifest")

visibility(["//js/...", "//layers/...", "//py/..."])

# The output group of the layers whose names only the tier knows.
GROUPS = "groups"

def read_tier(ctx, settings, launcher = None, style = STYLE, adapt = in_runfiles):
    """The tier with what the image says otherwise.

    Args:
        ctx: the context of the rule.
        settings: struct of `read_settings`.
        launcher: string, absolute path of the launcher; None: as the tier says.
        style: struct of `tier_style`.
        adapt: function, as of `new_units_aspect`.

    Returns:
        A `LayerTierInfo`.
    """

    # A transition makes a list of a label.
    tier = adapt((ctx.attr.layer_tier or ctx.attr._layer_tier)[0][LayerTierInfo])
    changes = {"root": launcher, "strip_prefix": ""} if launcher else {}
    if not ctx.attr.hard_links:
        changes["hard_links"] = False
    if ctx.attr.tree_links:
        changes["tree_links"] = ctx.attr.tree_links
    if ctx.attr.groups:
        for label, group in ctx.attr.groups.items():
            check_group("groups", group, taken_names(style))
            if group in tier.groups:
                fail("attribute groups: {} has the group {}, which {} has, too; rename it".format(label.label, repr(group), tier.label))
        changes["dependencies"] = {dependency.label: group for dependency, group in ctx.attr.groups.items()}
        named = {group: None for group in ctx.attr.groups.values()}
        changes["groups"] = [group for group in tier.groups if group != tier.packages_group] + named.keys() + [tier.packages_group]
    if settings.pinned:
        check_groups(ctx, changes.get("groups", tier.groups) + [name for name in tier.own_layers if name not in tier.groups])
    compressions = tier.compressions
    if settings.compression:
        compressions = {"*": compression_form(settings.compression, settings.level)}
    for group, level in settings.levels.items():
        compression, _ = parse_form(compressions.get(group, compressions["*"]))
        check_level("group_compress_levels", compression, level)
        compressions = compressions | {group: compression_form(compression, level)}
    if compressions != tier.compressions:
        changes["compressions"] = compressions
    if hasattr(ctx.attr, "mtime") and ctx.attr.mtime != tier.mtime:
        changes["mtime"] = ctx.attr.mtime
    if settings.owner:
        changes["owner"] = settings.owner
    return with_changes(tier, changes)

def find_units(ctx, tier, binaries, runfiles, interpreters = []):
    """The units of an image: the interpreter takes files before all others, then the distributions do.

    Args:
        ctx: the context of the rule.
        tier: `LayerTierInfo` of `read_tier`.
        binaries: list of Target, with a units aspect unless a rule of others has them.
        runfiles: theirs, or a struct with its `files`.
        interpreters: list of `SharedUnitInfo`, those that binaries run with.

    Returns:
        A list of `SharedUnitInfo`.
    """
    binaries = [binary for binary in binaries if UnitsInfo in binary]
    of_kind = {"distribution": [], "interpreter": [], "target": []}
    for unit in depset(transitive = [binary[UnitsInfo].units for binary in binaries]).to_list():
        of_kind[unit.kind].append(unit)
    if tier.interpreters:
        here = {file: None for file in runfiles.files.to_list()}
        interpreters = interpreters + [
            unit
            for unit in tier.interpreters
            if all([file in here for file in unit.files.to_list()])
        ]
    return (
        interpreters +
        of_kind["interpreter"] +
        of_kind["distribution"] +
        _dependencies(ctx, binaries, runfiles) +
        of_kind["target"]
    )

def _dependencies(ctx, binaries, runfiles):
    """The dependencies of the image with a group, each with all it needs.

    A binary may build what it needs in a configuration of its own (`python_version`), so their
    files are those that the label has in the binary's closure.
    """
    wanted = {target.label: [] for target in ctx.attr.groups}
    if wanted:
        for closure in depset(transitive = [binary[UnitsInfo].closures for binary in binaries]).to_list():
            if closure.label in wanted:
                wanted[closure.label].append(closure.files)
    return [
        shared_unit(
            files = depset(transitive = wanted[target.label]) if wanted[target.label] else _by_path(target, runfiles),
            kind = "dependency",
            label = target.label,
            name = label_text(target.label),
        )
        for target in ctx.attr.groups
    ]

def _by_path(target, runfiles):
    """The files of what no aspect sees: a source file, an output by its own label."""
    info = target[DefaultInfo]
    paths = {
        file.short_path: None
        for files in [info.files] + ([info.default_runfiles.files] if info.default_runfiles else [])
        for file in files.to_list()
    }
    return depset([file for file in runfiles.files.to_list() if file.short_path in paths])

def _default_layer(ctx, tier, binaries, runfiles, assembly, links, link_launchers):
    """What is the binary's own, written directly: it is small, and no other image has it."""
    layout = layout_at(tier.root)
    launchers = place_launchers(ctx, tier, binaries, _launcher_dir(ctx), runfiles if link_launchers else None)
    copies = assembly.copies.symlinks + assembly.copies.root_symlinks

    def manifest(tree_links):
        lines = new_manifest(ctx, owner = tier.owner, mtime = tier.mtime, modes = tier.modes, tree_links = tree_links)
        for path, file in launchers.files.items():
            add_file(lines, path, file, links = links)
        for path, target in launchers.links.items():
            add_link(lines, path, target)
        add_runfiles(
            lines,
            layout.runfiles,
            ctx.workspace_name,
            files = assembly.files,
            links = links,
            symlinks = assembly.copies.symlinks,
            root_symlinks = assembly.copies.root_symlinks,
            empty_files_of = runfiles,
        )
        add_runfiles_links(
            lines,
            layout.runfiles,
            ctx.workspace_name,
            symlinks = assembly.links.symlinks,
            root_symlinks = assembly.links.root_symlinks,
        )
        return lines

    trees = [file for file in assembly.files + [entry.target_file for entry in copies] if file.is_directory]
    found = [list_tree_links(
        ctx,
        stem = "{}_{}".format(ctx.label.name, DEFAULT),
        manifest = manifest("keep"),
        elsewhere = files_manifest(ctx, tier, runfiles.files, folder = layout.runfiles),
        trees = trees,
    )] if trees and tier.tree_links == "keep" else []
    tree_links = "listed" if found else "follow"
    compression, level = parse_form(form_of(tier, DEFAULT))
    write = layer_writer(ctx, compression = compression, hard_links = tier.hard_links, level = level, levels = {})
    layer = write.layer(
        DEFAULT,
        manifests = found + [manifest(tree_links)],
        inputs = depset(assembly.files + launchers.files.values() + [entry.target_file for entry in copies]),
    )
    return own_layer(
        DEFAULT,
        layer,
        expressions = {},
        interpreter = tier.interpreter_group,
        own = " ".join([label_text(binary.label) for binary in binaries]),
        reason = "in no other layer",
    )

def group_layer(ctx, tier, layer, links, execution_requirements, more = []):
    """Declares a layer of fragments.

    Args:
        ctx: the context of the rule.
        tier: `LayerTierInfo`.
        layer: struct of `name`, `group` and `fragments`, as of `assemble`.
        links: as of `add_runfiles`.
        execution_requirements: dict of string.
        more: list of Files, further manifests.

    Returns:
        A struct of the strings `name` and `group`, the Files `tar` and `metadata`, the list `manifests` of
        Files, and `fragments` and `why` for `write_plan`.
    """
    fragments = [fragment.compressed for fragment in layer.fragments]
    written = concat_layer(
        ctx,
        layer = layer.name,
        fragments = fragments,
        form = form_of(tier, layer.group),
        execution_requirements = execution_requirements,
    )
    manifest = new_manifest(ctx, owner = tier.owner, mtime = tier.mtime, modes = tier.modes)
    for folder in {fragment.folder: None for fragment in fragments}:
        files = depset(transitive = [fragment.files for fragment in fragments if fragment.folder == folder])
        add_runfiles(manifest, folder, ctx.workspace_name, files = files, links = links)
    return struct(
        name = layer.name,
        group = layer.group,
        tar = written.tar,
        metadata = written.metadata,
        manifests = [manifest_file(ctx, layer.name, manifest)] + more,
        fragments = layer.fragments,
        why = "" if layer.name == layer.group else "; of its own by layer_budget",
    )

def tier_layout(ctx, tier, binary):
    """Where a binary in the layout of a tier stands.

    Args:
        ctx: the context of the rule.
        tier: `LayerTierInfo`.
        binary: Target.

    Returns:
        A struct as of `layout_at`.
    """
    return struct(
        launcher = launcher_at(tier, binary.label, _launcher_dir(ctx)),
        runfiles = layout_at(tier.root).runfiles,
    )

def _launcher_dir(ctx):
    check_root(ctx.attr.launcher_dir, "launcher_dir")
    return ctx.attr.launcher_dir or (DEFAULT_ROOT + "/bin" if ctx.attr.binaries else "")

def tier_output_groups(tier, layers):
    """The output groups of `TIER_TARGETS`.

    Args:
        tier: `LayerTierInfo`.
        layers: dict of `tiered_layers`.

    Returns:
        A dict of string to depset of File.
    """
    of_group = {}
    for layer in layers.values():
        of_group.setdefault(layer.group, []).append(layer.tar)
    default = of_group.pop(DEFAULT)
    interpreter = of_group.pop(tier.interpreter_group, [])
    packages = of_group.pop(tier.packages_group, [])
    return {
        DEFAULT: depset(default),
        GROUPS: depset([tar for group in of_group.values() for tar in group]),
        INTERPRETER: depset(interpreter),
        PACKAGES: depset(packages),
    }

def tiered_layers(ctx, settings, tier, *, interpreters = [], link_launchers = False):
    """All layers of binaries in the layout of a tier.

    Args:
        ctx: the context of the rule.
        settings: struct of `read_settings`.
        tier: `LayerTierInfo` of `read_tier`.
        interpreters: list of `SharedUnitInfo`, those that binaries run with.
        link_launchers: as of `place_launchers`.

    Returns:
        A pair: a dict of layer to a struct of `group_layer`, and a list of string, what to warn of.
    """
    binaries = settings.binaries
    runfiles = ctx.runfiles().merge_all([binary[DefaultInfo].default_runfiles for binary in binaries])
    links = declared_links(binaries)
    assembly = assemble(
        ctx,
        tier,
        links = links,
        runfiles = runfiles,
        units = find_units(ctx, tier, binaries, runfiles, interpreters),
        repositories = depset(transitive = [binary[UnitsInfo].repositories for binary in binaries]),
    )
    check_layer_count("layer_tier", 1 + len(assembly.layers))
    requirements = read_execution_requirements(ctx)
    layers = {
        layer.name: group_layer(ctx, tier, layer, links, requirements.get(layer.group, {}))
        for layer in assembly.layers
    }
    layers[DEFAULT] = _default_layer(ctx, tier, binaries, runfiles, assembly, links, link_launchers)
    return layers, warnings_of_keys(tier, assembly)

def warnings_of_keys(tier, assembly):
    """What to warn of.

    Args:
        tier: `LayerTierInfo`.
        assembly: struct of `assemble`.

    Returns:
        A list of string.
    """
    return [
        "attribute groups of {}: {} names nothing in this image, which has other targets of that Bazel package; correct it or leave it out".format(label_text(tier.label), repr(key))
        for key in assembly.unmatched
    ]
