"""The layers of an image whose packages stand in a tier's store, outside its runfiles.

Packages, which are large, are at a path that knows no binary: their fragments are every
image's. What ties them together is small and the image's own: each package's folder in the
runfiles' store is a link to the tier's, and there stand the links between packages. A link
from `node_modules` straight to the tier's store would have Node.js miss the runfiles.
"""

load("//layers/private:fragment.bzl", "concat_layer", "write_fragment")
load("//layers/private:label_text.bzl", "label_text")
load("//layers/private:layer.bzl", "write_layer")
load("//layers/private:layout.bzl", "runfiles_path")
load("//layers/private:manifest.bzl", "add_file", "add_runfiles", "vis")
load("//layers/private:tier.bzl", "form_of")
load(":layer_groups.bzl", "NODE")
load(":layer_tier.bzl", "PACKAGES", "declare_package_fragment", "group_of_package", "package_fragment_key", "package_name", "reason_of_package")
load(":packages_aspect.bzl", "JsPackagesInfo")
load(":partition.bzl", "TREES")
load(":parts.bzl", "image_manifest", "js_manifest", "make_part")
load(":trees.bzl", "split_trees")

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

def _package_layers(ctx, tier, trees, own):
    """A layer of each group, of fragments in the order of their paths.

    Args:
        ctx: the context of js_image_layer.
        tier: `JsLayerTierInfo` with a store.
        trees: list of File, the packages.
        own: struct of `_own_packages`, or None.

    Returns:
        A dict of group to a struct as of `shared_layers`.
    """
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
        manifest = js_manifest(ctx, owner = tier.owner)
        add_runfiles(manifest, tier.store, ctx.workspace_name, files = [fragment.tree for fragment in fragments])
        mtrees = [manifest]
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
        if own and group == PACKAGES:
            fragments.append(own.fragment)
            mtrees.append(own.manifest)
            units.append(own.unit)
        layer = concat_layer(ctx, layer = group, fragments = fragments, form = form_of(tier, group))
        layers[group] = struct(tar = layer.tar, metadata = layer.metadata, mtrees = mtrees, units = units)
    return layers

def _own_packages(ctx, tier, part, split):
    """What the folders of the image's own have below node_modules: packages, of no other image."""
    fragment = write_fragment(
        ctx,
        stem = ctx.label.name + "_packages/" + TREES,
        unit = "node_modules in folders of {}".format(label_text(ctx.label)),
        inputs = part.files,
        form = form_of(tier, PACKAGES),
        hard_links = tier.hard_links,
        split = split,
    )
    unit = struct(
        group = PACKAGES,
        kind = "own",
        name = "node_modules in folders",
        reason = "below node_modules in a folder of " + label_text(ctx.attr.binary[0].label),
        sidecar = fragment.sidecar,
    )
    return struct(fragment = fragment, manifest = split.manifest, unit = unit)

def _links_manifest(ctx, *, tier, layout, trees, declared, links, node_modules, first_party, node, placed):
    manifest = image_manifest(ctx)
    for path, file in placed:
        add_file(manifest, path, file, links = False)
    add_runfiles(manifest, layout.runfiles, ctx.workspace_name, files = node_modules, links = declared)
    add_runfiles(manifest, tier.store, ctx.workspace_name, files = links, links = declared)

    # What is found from a package without being declared by it stands beside the store.
    beside = {
        _store_folder(runfiles_path(tree, ctx.workspace_name)).rsplit(_STORE, 1)[0] + "/": None
        for tree in trees
    }
    add_runfiles(manifest, tier.store, ctx.workspace_name, files = [
        file
        for file in node_modules
        if _beside(runfiles_path(file, ctx.workspace_name)) in beside
    ], links = declared)
    runfiles = "/" + layout.runfiles
    _add_links(manifest, files = trees, workspace = ctx.workspace_name, folder = runfiles, target = tier.store, path_of = _store_folder)
    _add_links(manifest, files = first_party, workspace = ctx.workspace_name, folder = tier.store, target = runfiles, path_of = _store_folder)
    _add_links(manifest, files = node, workspace = ctx.workspace_name, folder = runfiles, target = tier.store, path_of = _itself)
    return manifest

def _beside(path):
    before, folder, _ = path.rpartition("/node_modules/")
    return before + folder

def shared_layers(ctx, *, tier, layout, placed, pairs_of, parts, links, compression, level):
    """Declares the layers.

    Args:
        ctx: the context of js_image_layer.
        tier: `JsLayerTierInfo` with a store.
        layout: struct of `image_layout`.
        placed: dict, as of `make_part`.
        pairs_of: dict of `partition` for the default groups.
        parts: dict of `make_parts` for these.
        links: struct of `links_of`.
        compression: a key of `COMPRESSIONS`, of the image's own layers.
        level: int or None.

    Returns:
        A dict of layer, in order, to a struct of the Files `tar` and `metadata`, the manifests
        `mtrees`, and `units`: what `write_plan` takes, or none where the layer is one.
    """

    if (tier.store + "/").startswith("/" + layout.launcher + "/"):
        fail("attribute layer_tier: the store of {}, {}, is below the launcher /{}, which is no folder; set root, or the tier's store".format(tier.label, tier.store, layout.launcher))

    def own(group, manifest, inputs, found = [], split = None):
        layer = write_layer(
            ctx,
            layer = group,
            manifests = found + ([split.manifest] if split else []) + [manifest()],
            inputs = inputs,
            compression = compression,
            level = level,
            hard_links = tier.hard_links,
        )
        return struct(
            tar = layer.tar,
            metadata = layer.metadata,
            mtrees = found + ([split.manifest] if split else []) + [manifest()],
            units = [],
        )

    # What has a path of its own is a file of the image, wherever packages stand.
    of_links = pairs_of[PACKAGES] + pairs_of["node_modules"]
    stored = [file for path, file in pairs_of[PACKAGES] if path not in placed]
    trees = [file for file in stored if file.is_directory]
    of_store = [file for file in stored if not file.is_directory]
    node_modules = [file for path, file in pairs_of["node_modules"] if path not in placed]

    part_of_trees = parts.get(TREES)
    of_trees = split_trees(ctx, part_of_trees, name = TREES, tiered = True, outputs = ["node_modules", "app"]) if part_of_trees else {}

    layers = {}
    app = parts["app"]
    node = _shared_node(tier, pairs_of[NODE], placed)
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
        layers[NODE] = struct(tar = layer.tar, metadata = layer.metadata, mtrees = [manifest], units = [unit])
        rest = [(path, file) for path, file in pairs_of[NODE] if path in placed or file not in node]
        app = make_part(ctx, layout, placed, rest + app.pairs, links, empty = app.empty)
    else:
        layers[NODE] = own(NODE, parts[NODE].manifest, parts[NODE].files, parts[NODE].found)
    layers |= _package_layers(
        ctx,
        tier,
        trees,
        _own_packages(ctx, tier, part_of_trees, of_trees["node_modules"]) if of_trees else None,
    )

    def links_manifest():
        return _links_manifest(
            ctx,
            tier = tier,
            layout = layout,
            trees = trees,
            declared = links.declared,
            links = of_store,
            node_modules = node_modules,
            first_party = [file for path, file in pairs_of["package_store_1p"] if path not in placed],
            node = node.keys(),
            placed = [(path, file) for path, file in of_links if path in placed],
        )

    inputs = depset(of_store + node_modules + [file for path, file in of_links if path in placed])
    first_party = parts["package_store_1p"]
    layers["package_store_1p"] = own("package_store_1p", first_party.manifest, first_party.files, first_party.found)
    layers["node_modules"] = own("node_modules", links_manifest, inputs)
    layers["app"] = own(
        "app",
        app.manifest,
        depset(transitive = [part.files for part in [app, part_of_trees] if part]),
        split = of_trees.get("app"),
    )
    return layers

def _shared_node(tier, pairs, placed):
    """The files of the tier's Node.js, as the keys of a dict; none unless all are there."""
    if not tier.node:
        return {}
    here = {file: None for path, file in pairs if path not in placed}
    node = {file: None for file in tier.node.files.to_list()}
    return node if all([file in here for file in node]) else {}
