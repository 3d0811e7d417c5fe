"""The layers of an image whose packages stand in a tier's store, outside its runfiles.

Packages, which are large, are at a path that knows no binary: their fragments are every
image's. What ties them together is small and the image's own: each package's folder in the
runfiles' store is a link to the tier's, and there stand the links between packages. A link
from `node_modules` straight to the tier's store would have Node.js miss the runfiles.
"""

load("//layer_tool/private:fragment.bzl", "concat_layer")
load("//layer_tool/private:label_text.bzl", "label_text")
load("//layer_tool/private:layer.bzl", "write_layer")
load("//layer_tool/private:manifest.bzl", "add_runfiles", "vis")
load("//layer_tool/private:tier.bzl", "form_of")
load(":layer_tier.bzl", "NODE", "PACKAGES", "declare_package_fragment", "group_of_package", "package_fragment_key", "package_name", "reason_of_package")
load(":layout.bzl", "runfiles_path")
load(":packages_aspect.bzl", "JsPackagesInfo")
load(":parts.bzl", "image_manifest", "js_manifest", "make_part")

visibility(["//js/..."])

_STORE = "/.aspect_rules_js/"

def _store_folder(path):
    """A package's folder in the store, of the path of anything in it."""
    before, store, stored = path.partition(_STORE)
    return before + store + stored.split("/", 1)[0]

def _add_links(manifest, *, files, workspace, folder, target, path_of):
    """Adds a link from each file's place below one folder to that below another.

    Args:
        manifest: Args.
        files: list of File.
        workspace: string, the main repository's name.
        folder: string, path in the image.
        target: string, absolute path.
        path_of: function of a file's path in a runfiles tree to what the link is for.
    """
    line = "./" + vis(folder.strip("/")).replace("{", "{{").replace("}", "}}") + "/{path} type=link mode=0775 link=" + vis(target).replace("{", "{{").replace("}", "}}") + "/{path}"

    # The closure holds four strings; a line has two paths, more than `format_each` can say.
    manifest.add_all(
        files,
        map_each = lambda file: line.format(path = vis(path_of(runfiles_path(file, workspace)))),
        allow_closure = True,
        expand_directories = False,
    )

def _itself(path):
    return path

def _package_layers(ctx, tier, trees):
    """A layer of each group, of fragments in the order of their paths."""
    binary = ctx.attr.binary[0]

    # A rule of others may have another `binary`, without the aspect.
    fragments = binary[JsPackagesInfo].fragments.to_list() if JsPackagesInfo in binary else []
    shared = {(fragment.tree.path, fragment.key): fragment for fragment in fragments}
    groups = {group: [] for group in tier.groups}
    for tree in trees:
        fragment = shared.get((tree.path, package_fragment_key(tier, tree)))
        if not fragment:
            stem = "{}_packages/{}".format(ctx.label.name, runfiles_path(tree, ctx.workspace_name))
            fragment = declare_package_fragment(ctx, stem = stem, tier = tier, tree = tree)
        groups[group_of_package(tier, tree)].append(fragment)

    layers = {}
    for group, fragments in groups.items():
        if not fragments and group != PACKAGES:
            continue
        fragments = sorted(fragments, key = lambda fragment: fragment.tree.short_path)
        layer = concat_layer(ctx, layer = group, fragments = fragments, form = form_of(tier, group))
        manifest = js_manifest(ctx, owner = tier.owner)
        add_runfiles(manifest, tier.store, ctx.workspace_name, files = [fragment.tree for fragment in fragments])
        units = [
            struct(
                group = group,
                kind = "distribution",
                name = package_name(fragment.tree),
                reason = reason_of_package(tier, fragment.tree),
                sidecar = fragment.sidecar,
            )
            for fragment in fragments
        ]
        layers[group] = struct(tar = layer.tar, metadata = layer.metadata, mtree = manifest, units = units)
    return layers

def _links_manifest(ctx, *, tier, layout, trees, links, node_modules, first_party, node):
    manifest = image_manifest(ctx)
    add_runfiles(manifest, layout.runfiles, ctx.workspace_name, files = node_modules)
    add_runfiles(manifest, tier.store, ctx.workspace_name, files = links)

    # What is found from a package without being declared by it stands beside the store.
    beside = {
        _store_folder(runfiles_path(tree, ctx.workspace_name)).rsplit(_STORE, 1)[0] + "/": None
        for tree in trees
    }
    add_runfiles(manifest, tier.store, ctx.workspace_name, files = [
        file
        for file in node_modules
        if _beside(runfiles_path(file, ctx.workspace_name)) in beside
    ])
    runfiles = "/" + layout.runfiles
    _add_links(manifest, files = trees, workspace = ctx.workspace_name, folder = runfiles, target = tier.store, path_of = _store_folder)
    _add_links(manifest, files = first_party, workspace = ctx.workspace_name, folder = tier.store, target = runfiles, path_of = _store_folder)
    _add_links(manifest, files = node, workspace = ctx.workspace_name, folder = runfiles, target = tier.store, path_of = _itself)
    return manifest

def _beside(path):
    before, folder, _ = path.rpartition("/node_modules/")
    return before + folder

def shared_layers(ctx, *, tier, layout, extra, pairs_of, parts, compression, level):
    """Declares the layers.

    Args:
        ctx: the context of js_image_layer.
        tier: `JsLayerTierInfo` with a store.
        layout: struct of `image_layout`.
        extra: dict, as of `make_part`.
        pairs_of: dict of `partition` for the default groups.
        parts: dict of `make_parts` for these.
        compression: a key of `COMPRESSIONS`, of the image's own layers.
        level: int or None.

    Returns:
        A dict of layer, in order, to a struct of the Files `tar` and `metadata`, the manifest
        `mtree`, and `units`: what `write_plan` takes, or none where the layer is one.
    """

    if (tier.store + "/").startswith("/" + layout.launcher + "/"):
        fail("attribute layer_tier: the store of {}, {}, is below the launcher /{}, which is no folder; set root, or the tier's store".format(tier.label, tier.store, layout.launcher))

    def own(group, manifest, inputs, found = []):
        layer = write_layer(
            ctx,
            layer = group,
            manifests = found + [manifest()],
            inputs = inputs,
            compression = compression,
            level = level,
            hard_links = tier.hard_links,
        )
        return struct(tar = layer.tar, metadata = layer.metadata, mtree = manifest(), units = [])

    stored = [file for _, file in pairs_of[PACKAGES]]
    trees = [file for file in stored if file.is_directory]
    links = [file for file in stored if not file.is_directory]
    node_modules = [file for _, file in pairs_of["node_modules"]]

    layers = {}
    app = parts["app"]
    node = _shared_node(tier, pairs_of[NODE])
    if node:
        layer = concat_layer(ctx, layer = NODE, fragments = [tier.node], form = form_of(tier, NODE))
        manifest = js_manifest(ctx, owner = tier.owner)
        add_runfiles(manifest, tier.store, ctx.workspace_name, files = tier.node.files)
        unit = struct(
            group = NODE,
            kind = "interpreter",
            name = "node",
            reason = "node of " + label_text(tier.label),
            sidecar = tier.node.sidecar,
        )
        layers[NODE] = struct(tar = layer.tar, metadata = layer.metadata, mtree = manifest, units = [unit])
        rest = [(path, file) for path, file in pairs_of[NODE] if file not in node]
        app = make_part(ctx, layout, extra, rest + pairs_of["app"], found = app.found)
    else:
        layers[NODE] = own(NODE, parts[NODE].manifest, parts[NODE].files, parts[NODE].found)
    layers |= _package_layers(ctx, tier, trees)

    def links_manifest():
        return _links_manifest(
            ctx,
            tier = tier,
            layout = layout,
            trees = trees,
            links = links,
            node_modules = node_modules,
            first_party = [file for _, file in pairs_of["package_store_1p"]],
            node = node.keys(),
        )

    for group, part in {
        "package_store_1p": parts["package_store_1p"],
        "node_modules": struct(found = [], manifest = links_manifest, files = depset(links + node_modules)),
        "app": app,
    }.items():
        layers[group] = own(group, part.manifest, part.files, part.found)
    return layers

def _shared_node(tier, pairs):
    """The files of the tier's Node.js, as the keys of a dict; none unless all are there."""
    if not tier.node:
        return {}
    here = {file: None for _, file in pairs}
    node = {file: None for file in tier.node.files.to_list()}
    return node if all([file in here for file in node]) else {}
