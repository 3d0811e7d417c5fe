"""The rule behind py_image_layer: all layers of one binary."""

load("//layer_tool:toolchain.bzl", "TOOLCHAIN_TYPE")
load("//layer_tool/private:label_text.bzl", "label_text")
load("//layer_tool/private:layer.bzl", "list_tree_links", "manifest_file", "split_manifest", "write_layer")
load("//layer_tool/private:layers_info.bzl", "layers_info")
load("//layer_tool/private:manifest.bzl", "TREE_LINKS", "add_file", "add_runfiles", "check_owner", "new_manifest")
load("//layer_tool/private:plan.bzl", "plan_info", "validate_plan", "write_plan")
load("//layer_tool/private:program.bzl", "declare_program")
load("//py/private:attributes.bzl", "BINARY", "COMMON_ATTRS", "check_binary", "read_compression", "read_execution_requirements")
load("//py/private:layout.bzl", "check_root", "image_layout", "layout_at")
load("//py/private:partition.bzl", "DEFAULT_GROUPS", "partition")
load("//py/private:providers.bzl", "PyInterpreterInfo", "PyPackagesInfo")

visibility(["//py/..."])

# Why a file is in a default group, for the plan.
_REASONS = {
    "default": "in no other layer",
    "interpreter": "the runtime of the binary",
    "packages": "third-party",
}

def _parts(ctx, binary):
    """The binary's files by default group, each with a function that makes its manifest.

    A manifest is an Args, which can be given as a parameter file only once.
    """
    runfiles = binary[DefaultInfo].default_runfiles
    layout = layout_at(ctx.attr.launcher) if ctx.attr.launcher else image_layout(ctx.attr.root, binary.label)

    extra = {layout.launcher: binary[DefaultInfo].files_to_run.executable}
    repo_mapping = getattr(binary[DefaultInfo].files_to_run, "repo_mapping_manifest", None)
    if repo_mapping:
        extra[layout.runfiles + "/_repo_mapping"] = repo_mapping

    def manifest(group, part, tree_links):
        lines = new_manifest(ctx, owner = ctx.attr.owner, mtime = ctx.attr.mtime, tree_links = tree_links)
        if group == "default":
            for path, file in extra.items():
                add_file(lines, path, file)
        add_runfiles(
            lines,
            layout.runfiles,
            ctx.workspace_name,
            files = part.files,
            symlinks = part.symlinks,
            root_symlinks = part.root_symlinks,
            empty_files_of = runfiles if group == "default" else None,
        )
        return lines

    parts = {}
    for group, part in partition(
        runfiles,
        packages = binary[PyPackagesInfo],
        interpreter = binary[PyInterpreterInfo].files,
    ).items():
        files = part.files + [entry.target_file for entry in part.symlinks + part.root_symlinks]
        trees = [file for file in files if file.is_directory]
        found = []

        # As installed, packages have no links but to what their build had: see tree_links.
        if trees and group == "default" and ctx.attr.tree_links == "keep":
            elsewhere = new_manifest(ctx, owner = ctx.attr.owner, mtime = ctx.attr.mtime)
            add_runfiles(elsewhere, layout.runfiles, ctx.workspace_name, files = runfiles.files)
            found.append(list_tree_links(
                ctx,
                stem = "{}_{}".format(ctx.label.name, group),
                manifest = manifest(group, part, "keep"),
                elsewhere = elsewhere,
                trees = trees,
            ))
        parts[group] = struct(
            files = depset(files + (extra.values() if group == "default" else [])),
            found = found,
            trees = depset(trees),
            manifest = lambda group = group, part = part, links = "listed" if found else "follow": manifest(group, part, links),
        )
    return parts

def _whole_parts(parts):
    """One layer for each default group, of exactly its own files."""
    return {
        group: struct(
            manifests = part.found + [part.manifest()],
            mtree = part.manifest(),
            inputs = part.files,
            unused = None,
        )
        for group, part in parts.items()
    }

def _split_parts(ctx, parts):
    """Layers by layer_groups first; the default groups keep what these leave."""
    everything = struct(
        files = depset(transitive = [part.files for part in parts.values()]),
        trees = depset(transitive = [part.trees for part in parts.values()]),
    )
    layers = {}
    for group, part in parts.items():
        rest = split_manifest(
            ctx,
            name = group,
            manifests = part.found + [part.manifest()],
            groups = ctx.attr.layer_groups,
            default = group,
            outputs = [group],
            trees = part.trees,
        )[group]
        layers[group] = struct(manifests = [rest.manifest], mtree = rest.manifest, inputs = part.files, unused = rest.unused)

    taken = split_manifest(
        ctx,
        name = "layer_groups",
        manifests = [found for part in parts.values() for found in part.found] + [part.manifest() for part in parts.values()],
        groups = ctx.attr.layer_groups,
        default = "default",
        outputs = ctx.attr.layer_groups.keys(),
        trees = everything.trees,
    )
    for group, split in taken.items():
        # Only the expression knows which files these are: everything is staged, but a
        # change of what the group does not hold re-runs nothing while Bazel remembers.
        layers[group] = struct(manifests = [split.manifest], mtree = split.manifest, inputs = everything.files, unused = split.unused)
    return layers

def _unit(ctx, binary, group, metadata):
    """A layer that is one unit: what of it is which package's nobody asked."""
    is_interpreter = group == "interpreter"
    regex = ctx.attr.layer_groups.get(group)
    return struct(
        group = group,
        kind = "interpreter" if is_interpreter else "own",
        name = "interpreter" if is_interpreter else label_text(binary.label),
        reason = "layer_groups: " + repr(regex) if regex != None else _REASONS[group],
        sidecar = metadata,
    )

def _py_image_layers_impl(ctx):
    check_owner(ctx.attr.owner)
    check_root(ctx.attr.root)
    compression, level = read_compression(ctx)
    binary = ctx.attr.binary[0]
    check_binary(binary)
    parts = _parts(ctx, binary)
    layers = _split_parts(ctx, parts) if ctx.attr.layer_groups else _whole_parts(parts)

    written = {}
    names = layer_names(ctx.attr.layer_groups)
    requirements = read_execution_requirements(ctx, names)
    for name in names:
        layer = layers[name]
        written[name] = write_layer(
            ctx,
            layer = name,
            manifests = layer.manifests,
            inputs = layer.inputs,
            compression = compression,
            level = level,
            hard_links = ctx.attr.hard_links,
            unused_inputs_list = layer.unused,
            execution_requirements = requirements[name],
        )
    metadata = [layer.metadata for layer in written.values()]
    units = [_unit(ctx, binary, name, layer.metadata) for name, layer in written.items()]

    plan = write_plan(ctx, layers = metadata, units = units)
    report = declare_program(ctx, {"--metadata": depset(metadata)})
    return [
        DefaultInfo(
            files = depset([layer.tar for layer in written.values()]),
            executable = report.executable,
            runfiles = report.runfiles,
        ),
        OutputGroupInfo(
            metadata = depset(metadata),
            mtree = depset(
                [manifest_file(ctx, name, layers[name].mtree) for name in layers] +
                [found for part in parts.values() for found in part.found],
            ),
            plan = depset([plan]),
            _validation = depset([validate_plan(ctx, plan)]),
            **{name: depset([layer.tar]) for name, layer in written.items()}
        ),
        layers_info(written.values()),
        plan_info(ctx, plan, written.values()),
    ]

def layer_names(layer_groups):
    """The layers of an image in order: what changes least comes first.

    Args:
        layer_groups: dict whose keys are the user's groups.

    Returns:
        A list of strings.
    """
    return DEFAULT_GROUPS[:-1] + list(layer_groups) + DEFAULT_GROUPS[-1:]

py_image_layers = rule(
    implementation = _py_image_layers_impl,
    doc = "All layers of a py_binary: see `py_image_layer`, its macro.",
    attrs = COMMON_ATTRS | {
        "binary": attr.label(doc = "A py_binary.", **BINARY),
        "compress": attr.string(doc = "gzip, zstd or none.", default = "gzip"),
        "launcher": attr.string(doc = "Absolute path of the launcher; empty: by `root`."),
        "layer_groups": attr.string_dict(doc = "Group to regular expression on the absolute path in the image."),
        "owner": attr.string(doc = "`UID:GID`.", default = "0:0"),
        "root": attr.string(doc = "Folder of PACKAGE/NAME, or empty for the launcher at /app."),
        "tree_links": attr.string(doc = "`keep` or `follow` the links in trees.", default = "keep", values = TREE_LINKS),
    },
    executable = True,
    toolchains = [TOOLCHAIN_TYPE],
)
