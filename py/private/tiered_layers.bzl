"""The rule behind py_image_layer in the layout of a tier."""

load("//layer_tool:toolchain.bzl", "TOOLCHAIN_TYPE")
load("//layer_tool/private:compression.bzl", "compression_form", "parse_form")
load("//layer_tool/private:fragment.bzl", "concat_layer")
load("//layer_tool/private:label_text.bzl", "label_text")
load("//layer_tool/private:layer.bzl", "list_tree_links", "write_layer")
load("//layer_tool/private:layers_info.bzl", "layers_info")
load("//layer_tool/private:manifest.bzl", "TREE_LINKS", "add_file", "add_link", "add_runfiles", "add_runfiles_links", "check_owner", "new_manifest")
load("//layer_tool/private:plan.bzl", "plan_info", "validate_plan", "write_plan")
load("//layer_tool/private:platform_transition.bzl", "platform_transition")
load("//layer_tool/private:program.bzl", "declare_program")
load("//layer_tool/private:tier.bzl", "check_group", "form_of")
load("//py/private:assembly.bzl", "assemble")
load("//py/private:attributes.bzl", "BINARY", "COMMON_ATTRS", "check_binary", "read_compression", "read_execution_requirements")
load("//py/private:launchers.bzl", "place_launchers")
load("//py/private:layer_tier.bzl", "DEFAULT", "INTERPRETER", "LayerTierInfo", "PACKAGES", "TAKEN", "with_changes")
load("//py/private:layout.bzl", "layout_at")
load("//py/private:providers.bzl", "PyInterpreterInfo", "PyPackagesInfo", "PyUnitInfo")
load("//py/private:units.bzl", "files_manifest")

visibility(["//py/..."])

# The value of `compress` that leaves it to the tier.
OF_TIER = "tier"

# The output group of the layers whose names only the tier knows.
GROUPS = "groups"

# The layers of which the macro has a target each, in the order of the image.
TARGETS = [INTERPRETER, GROUPS, PACKAGES, DEFAULT]

def _read_tier(ctx):
    """The tier with what the image says otherwise."""
    changes = {}
    if ctx.attr.compress != OF_TIER:
        compression, level = read_compression(ctx)
        changes["compressions"] = {"*": compression_form(compression, level)}
    if ctx.attr.owner:
        check_owner(ctx.attr.owner)
        changes["owner"] = ctx.attr.owner
    if not ctx.attr.hard_links:
        changes["hard_links"] = False
    if ctx.attr.tree_links:
        changes["tree_links"] = ctx.attr.tree_links
    tier = ctx.attr.layer_tier[LayerTierInfo]
    if ctx.attr.groups:
        for label, group in ctx.attr.groups.items():
            check_group("groups", group, TAKEN)
            if group in tier.groups:
                fail("attribute groups: {} has the group {}, which {} has, too; rename it".format(label.label, repr(group), tier.label))
        changes["dependencies"] = {dependency.label: group for dependency, group in ctx.attr.groups.items()}
        named = {group: None for group in ctx.attr.groups.values()}
        changes["groups"] = [group for group in tier.groups if group != PACKAGES] + named.keys() + [PACKAGES]
    return with_changes(tier, changes)

def _units(ctx, binaries):
    """The interpreter takes files before all others, then the distributions do."""
    interpreters = [binary[PyInterpreterInfo].unit for binary in binaries if binary[PyInterpreterInfo].unit]
    units = depset(transitive = [binary[PyPackagesInfo].units for binary in binaries]).to_list()
    return (
        depset(interpreters).to_list() +
        [unit for unit in units if unit.kind == "distribution"] +
        [_dependency(target) for target in ctx.attr.groups] +
        [unit for unit in units if unit.kind == "target"]
    )

def _dependency(target):
    """A dependency of the image with a group, and all it needs."""
    info = target[DefaultInfo]
    return PyUnitInfo(
        # A source file has no runfiles.
        files = depset(transitive = [info.files] + ([info.default_runfiles.files] if info.default_runfiles else [])),
        fragments = (),
        kind = "dependency",
        label = target.label,
        name = label_text(target.label),
    )

def _default_layer(ctx, tier, binaries, runfiles, assembly, execution_requirements):
    """What is the binary's own, written directly: it is small, and no other image has it."""
    layout = layout_at(tier.root)
    launchers = place_launchers(ctx, tier, binaries, ctx.attr.launcher_dir.rstrip("/"))
    copies = assembly.copies.symlinks + assembly.copies.root_symlinks

    # An Args can be given as a parameter file only once, and is also written.
    def manifest(tree_links):
        lines = new_manifest(ctx, owner = tier.owner, mtime = ctx.attr.mtime, tree_links = tree_links)
        for path, file in launchers.files.items():
            add_file(lines, path, file)
        for path, target in launchers.links.items():
            add_link(lines, path, target)
        add_runfiles(
            lines,
            layout.runfiles,
            ctx.workspace_name,
            files = assembly.files,
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
        elsewhere = files_manifest(ctx, tier, runfiles.files, ctx.attr.mtime),
        trees = trees,
    )] if trees and tier.tree_links == "keep" else []
    tree_links = "listed" if found else "follow"
    compression, level = parse_form(form_of(tier, DEFAULT))
    layer = write_layer(
        ctx,
        layer = DEFAULT,
        manifests = found + [manifest(tree_links)],
        inputs = depset(assembly.files + launchers.files.values() + [entry.target_file for entry in copies]),
        compression = compression,
        level = level,
        hard_links = tier.hard_links,
        execution_requirements = execution_requirements,
    )
    unit = struct(
        group = DEFAULT,
        kind = "own",
        name = " ".join([label_text(binary.label) for binary in binaries]),
        reason = "in no other layer",
        sidecar = layer.metadata,
    )
    return struct(tar = layer.tar, metadata = layer.metadata, manifest = manifest(tree_links), found = found, units = [unit])

def _group_layer(ctx, tier, layer, execution_requirements):
    fragments = [member.fragment for member in layer.members]
    written = concat_layer(
        ctx,
        layer = layer.name,
        fragments = fragments,
        form = form_of(tier, layer.group),
        execution_requirements = execution_requirements,
    )
    files = depset(transitive = [fragment.files for fragment in fragments])
    solo = "" if layer.name == layer.group else "; of its own by layer_budget"
    units = [
        struct(group = layer.name, kind = member.kind, name = member.name, reason = member.reason + solo, sidecar = member.fragment.sidecar)
        for member in layer.members
    ]
    return struct(
        tar = written.tar,
        metadata = written.metadata,
        manifest = files_manifest(ctx, tier, files, ctx.attr.mtime),
        units = units,
    )

def _mtree(ctx, group, manifest):
    file = ctx.actions.declare_file("{}_{}.mtree".format(ctx.label.name, group))
    ctx.actions.write(file, manifest)
    return file

def _output_groups(tier, assembly, tars):
    """An output group for each layer by its name, and those of `TARGETS`."""
    of_group = {}
    for layer in assembly.layers:
        of_group.setdefault(layer.group, []).append(tars[layer.name])
    interpreter = of_group.pop(tier.interpreter_group, [])
    packages = of_group.pop(PACKAGES, [])
    return {name: depset([tar]) for name, tar in tars.items()} | {
        GROUPS: depset([tar for group in of_group.values() for tar in group]),
        INTERPRETER: depset(interpreter),
        PACKAGES: depset(packages),
    }

def _tiered_layers_impl(ctx):
    tier = _read_tier(ctx)
    binaries = ctx.attr.binaries
    for binary in binaries:
        check_binary(binary)
    runfiles = ctx.runfiles().merge_all([binary[DefaultInfo].default_runfiles for binary in binaries])
    assembly = assemble(
        ctx,
        tier,
        mtime = ctx.attr.mtime,
        runfiles = runfiles,
        units = _units(ctx, binaries),
        repositories = depset(transitive = [binary[PyPackagesInfo].repositories for binary in binaries]),
    )
    requirements = read_execution_requirements(ctx, tier.groups + [DEFAULT])
    layers = {
        layer.name: _group_layer(ctx, tier, layer, requirements[layer.group])
        for layer in assembly.layers
    }
    layers[DEFAULT] = _default_layer(ctx, tier, binaries, runfiles, assembly, requirements[DEFAULT])

    metadata = [layer.metadata for layer in layers.values()]
    tars = {name: layer.tar for name, layer in layers.items()}
    plan = write_plan(
        ctx,
        layers = metadata,
        units = [unit for layer in layers.values() for unit in layer.units],
    )
    report = declare_program(ctx, {"--metadata": depset(metadata)})
    return [
        DefaultInfo(
            files = depset(tars.values()),
            executable = report.executable,
            runfiles = report.runfiles,
        ),
        OutputGroupInfo(
            metadata = depset(metadata),
            mtree = depset([_mtree(ctx, group, layer.manifest) for group, layer in layers.items()] + layers[DEFAULT].found),
            plan = depset([plan]),
            _validation = depset([validate_plan(ctx, plan)]),
            **_output_groups(tier, assembly, tars)
        ),
        layers_info(layers.values()),
        plan_info(ctx, plan, layers.values()),
    ]

tiered_layers = rule(
    implementation = _tiered_layers_impl,
    doc = "All layers of a py_binary in the layout of a tier: see `py_image_layer`, its macro.",
    attrs = COMMON_ATTRS | {
        "binaries": attr.label_list(doc = "py_binary targets.", **BINARY),
        "compress": attr.string(doc = "gzip, zstd, none, or tier for what the tier says.", default = OF_TIER),
        "groups": attr.label_keyed_string_dict(
            doc = "Dependency to the group of all that it needs.",
            allow_files = True,
            cfg = platform_transition,
        ),
        "launcher_dir": attr.string(doc = "Folder of the launchers; empty: the one stands where the tier says."),
        "layer_tier": attr.label(default = "//py:layer_tier", providers = [LayerTierInfo]),
        "owner": attr.string(doc = "`UID:GID`; empty: the tier's."),
        "tree_links": attr.string(doc = "`keep` or `follow` the links in trees; empty: as the tier says.", values = [""] + TREE_LINKS),
    },
    executable = True,
    toolchains = [TOOLCHAIN_TYPE],
)
