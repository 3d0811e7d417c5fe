"""The layers of an image with a layout and groups of its own: by `root` and `layer_groups`."""

load("//layers/private:attributes.bzl", "check_groups")
load("//layers/private:declared_links.bzl", "declared_links")
load("//layers/private:label_text.bzl", "label_text")
load("//layers/private:layer.bzl", "list_tree_links")
load("//layers/private:layout.bzl", "check_root", "image_layout", "layout_at")
load("//layers/private:manifest.bzl", "add_file", "add_runfiles", "new_manifest")
load("//layers/private:own_layers.bzl", "filter_layers", "layer_writer", "own_layer")
load("//layers/private:plan.bzl", "check_layer_count")
load("//layers/private:regex.bzl", "check_regexes")
load("//layers/private:tier.bzl", "check_group")
load("//layers/private:tier_style.bzl", "OUTPUT_GROUPS")
load("//layers/private:unit_info.bzl", "UnitsInfo")
load("//py/private:partition.bzl", "DEFAULT_GROUPS", "partition")
load("//py/private:providers.bzl", "PyInterpreterInfo")

visibility(["//py/..."])

# Why a file is in a default group, for the plan.
_REASONS = {
    "default": "in no other layer",
    "interpreter": "the runtime of the binary",
    "packages": "third-party",
}

def classic_layout(ctx, binary):
    """Where a binary with a layout of its own stands.

    Args:
        ctx: the context of the rule.
        binary: Target.

    Returns:
        A struct as of `image_layout`.
    """
    check_root(ctx.attr.root)
    check_root(ctx.attr.launcher, "launcher")
    if ctx.attr.launcher:
        return layout_at(ctx.attr.launcher)
    return image_layout(ctx.attr.root, binary.label, ctx.attr.own_folder)

def _parts(ctx, binary, owner):
    """The binary's files by default group, each with a function that makes its manifest."""
    runfiles = binary[DefaultInfo].default_runfiles
    layout = classic_layout(ctx, binary)
    links = declared_links([binary])

    extra = {layout.launcher: binary[DefaultInfo].files_to_run.executable}
    repo_mapping = getattr(binary[DefaultInfo].files_to_run, "repo_mapping_manifest", None)
    if repo_mapping:
        extra[layout.runfiles + "/_repo_mapping"] = repo_mapping

    def manifest(group, part, tree_links):
        lines = new_manifest(ctx, owner = owner, mtime = ctx.attr.mtime, tree_links = tree_links)
        if group == "default":
            for path, file in extra.items():
                add_file(lines, path, file, links = links)
        add_runfiles(
            lines,
            layout.runfiles,
            ctx.workspace_name,
            files = part.files,
            links = links,
            symlinks = part.symlinks,
            root_symlinks = part.root_symlinks,
            empty_files_of = runfiles if group == "default" else None,
        )
        return lines

    parts = {}
    for group, part in partition(
        runfiles,
        packages = binary[UnitsInfo],
        interpreter = binary[PyInterpreterInfo].files,
    ).items():
        files = part.files + [entry.target_file for entry in part.symlinks + part.root_symlinks]
        trees = [file for file in files if file.is_directory]
        found = []

        # As installed, packages have no links but to what their build had: see tree_links.
        if trees and group == "default" and ctx.attr.tree_links != "follow":
            elsewhere = new_manifest(ctx, owner = owner, mtime = ctx.attr.mtime)
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

def classic_layers(ctx, settings):
    """All layers of a binary with a layout and groups of its own.

    Args:
        ctx: the context of the rule.
        settings: struct of `read_settings`.

    Returns:
        A dict of layer to a struct of `own_layer`.
    """
    _check_layer_groups(ctx.attr.layer_groups)
    (binary,) = settings.binaries
    parts = _parts(ctx, binary, settings.owner or "0:0")
    names = layer_names(ctx.attr.layer_groups)
    check_layer_count("layer_groups", len(names))
    check_groups(ctx, names)
    layers, _ = filter_layers(ctx, groups = ctx.attr.layer_groups | {group: None for group in DEFAULT_GROUPS}, parts = parts)
    write = layer_writer(ctx, compression = settings.compression, hard_links = ctx.attr.hard_links, level = settings.level, levels = settings.levels)
    written = {}
    for name in names:
        layer = layers[name]
        files = write.layer(name, inputs = layer.inputs, manifests = layer.manifests, unused = layer.unused)
        written[name] = own_layer(
            name,
            files,
            expressions = ctx.attr.layer_groups,
            interpreter = "interpreter",
            own = label_text(binary.label),
            reason = _REASONS.get(name),
        )
    return written

def _check_layer_groups(layer_groups):
    check_regexes("layer_groups", layer_groups)
    taken = OUTPUT_GROUPS | {group: "a default group, so two layers would have that name" for group in DEFAULT_GROUPS}
    for group in layer_groups:
        check_group("layer_groups", group, taken)

def layer_names(layer_groups):
    """The layers of an image in order: what changes least comes first.

    Args:
        layer_groups: dict whose keys are the user's groups.

    Returns:
        A list of strings.
    """
    return DEFAULT_GROUPS[:-1] + list(layer_groups) + DEFAULT_GROUPS[-1:]
