"""The rule behind py_image_layer in the layout of a tier."""

load("//layer_tool:toolchain.bzl", "TOOLCHAIN_TYPE")
load("//layer_tool/private:compression.bzl", "compression_form", "parse_form")
load("//layer_tool/private:fragment.bzl", "concat_layer")
load("//layer_tool/private:layer.bzl", "write_layer")
load("//layer_tool/private:manifest.bzl", "add_file", "add_runfiles", "check_owner", "new_manifest")
load("//layer_tool/private:tier.bzl", "form_of")
load("//py/private:assembly.bzl", "assemble")
load("//py/private:attributes.bzl", "COMMON_ATTRS", "outside_runfiles", "read_binary", "read_compression")
load("//py/private:layer_tier.bzl", "DEFAULT", "INTERPRETER", "LayerTierInfo", "PACKAGES", "with_changes")
load("//py/private:layout.bzl", "layout_at")
load("//py/private:providers.bzl", "PyInterpreterInfo", "PyPackagesInfo")
load("//py/private:report.bzl", "declare_report")
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
    return with_changes(ctx.attr.layer_tier[LayerTierInfo], changes)

def _units(binary):
    """The interpreter takes files before all others, then the distributions do."""
    interpreter = binary[PyInterpreterInfo].unit
    units = binary[PyPackagesInfo].units.to_list()
    return (
        ([interpreter] if interpreter else []) +
        [unit for unit in units if unit.kind == "distribution"] +
        [unit for unit in units if unit.kind == "target"]
    )

def _default_layer(ctx, tier, binary, assembly):
    """What is the binary's own, written directly: it is small, and no other image has it."""
    layout = layout_at(tier.root)
    extra = outside_runfiles(binary, layout)
    links = assembly.symlinks + assembly.root_symlinks

    # Bazel walks all runfiles for it, each time.
    empty_filenames = binary[DefaultInfo].default_runfiles.empty_filenames

    # An Args can be given as a parameter file only once, and is also written.
    def manifest():
        lines = new_manifest(ctx, owner = tier.owner, mtime = ctx.attr.mtime)
        for path, file in extra.items():
            add_file(lines, path, file)
        add_runfiles(
            lines,
            layout.runfiles,
            ctx.workspace_name,
            files = assembly.files,
            symlinks = assembly.symlinks,
            root_symlinks = assembly.root_symlinks,
            empty_filenames = empty_filenames,
        )
        return lines

    compression, level = parse_form(form_of(tier, DEFAULT))
    layer = write_layer(
        ctx,
        layer = DEFAULT,
        manifests = [manifest()],
        inputs = depset(assembly.files + extra.values() + [entry.target_file for entry in links]),
        compression = compression,
        level = level,
    )
    return struct(tar = layer.tar, metadata = layer.metadata, manifest = manifest())

def _group_layer(ctx, tier, group, fragments):
    layer = concat_layer(ctx, layer = group, fragments = fragments, form = form_of(tier, group))
    files = depset(transitive = [fragment.files for fragment in fragments])
    return struct(tar = layer.tar, metadata = layer.metadata, manifest = files_manifest(ctx, tier, files, ctx.attr.mtime))

def _mtree(ctx, group, manifest):
    file = ctx.actions.declare_file("{}_{}.mtree".format(ctx.label.name, group))
    ctx.actions.write(file, manifest)
    return file

def _output_groups(tier, layers):
    """An output group for each layer by its name, and those of `TARGETS`."""
    tars = {group: depset([layer.tar]) for group, layer in layers.items()}
    named = [group for group in layers if group not in [tier.interpreter_group, PACKAGES, DEFAULT]]
    return tars | {
        GROUPS: depset([layers[group].tar for group in named]),
        INTERPRETER: tars.get(tier.interpreter_group, depset()),
        PACKAGES: tars.get(PACKAGES, depset()) if tier.interpreter_group != PACKAGES else depset(),
    }

def _tiered_layers_impl(ctx):
    tier = _read_tier(ctx)
    binary = read_binary(ctx)
    assembly = assemble(
        ctx,
        tier,
        mtime = ctx.attr.mtime,
        runfiles = binary[DefaultInfo].default_runfiles,
        units = _units(binary),
        repositories = binary[PyPackagesInfo].repositories,
    )
    layers = {
        group: _group_layer(ctx, tier, group, assembly.groups[group])
        for group in tier.groups
        if group in assembly.groups
    }
    layers[DEFAULT] = _default_layer(ctx, tier, binary, assembly)
    metadata = [layer.metadata for layer in layers.values()]

    report = declare_report(ctx, metadata)
    return [
        DefaultInfo(
            files = depset([layer.tar for layer in layers.values()]),
            executable = report.executable,
            runfiles = report.runfiles,
        ),
        OutputGroupInfo(
            metadata = depset(metadata),
            mtree = depset([_mtree(ctx, group, layer.manifest) for group, layer in layers.items()]),
            **_output_groups(tier, layers)
        ),
    ]

tiered_layers = rule(
    implementation = _tiered_layers_impl,
    doc = "All layers of a py_binary in the layout of a tier: see `py_image_layer`, its macro.",
    attrs = COMMON_ATTRS | {
        "compress": attr.string(doc = "gzip, zstd, none, or tier for what the tier says.", default = OF_TIER),
        "layer_tier": attr.label(default = "//py:layer_tier", providers = [LayerTierInfo]),
        "owner": attr.string(doc = "`UID:GID`; empty: the tier's."),
    },
    executable = True,
    toolchains = [TOOLCHAIN_TYPE],
)
