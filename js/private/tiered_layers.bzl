"""The layers of an image whose packages stand in a tier's store, outside its runfiles.

Packages, which are large, are at a path that knows no binary: their fragments are every
image's. What ties them together is small and the image's own: each package's folder in the
runfiles' store is a link to the tier's, and there stand the links between packages. A link
from `node_modules` straight to the tier's store would have Node.js miss the runfiles.
"""

load("//layers/private:assembly.bzl", "assemble")
load("//layers/private:fragment.bzl", "write_fragment")
load("//layers/private:label_text.bzl", "label_text")
load("//layers/private:layout.bzl", "runfiles_path")
load("//layers/private:manifest.bzl", "add_file", "add_link", "add_links", "add_runfiles")
load("//layers/private:recognisers/package_store.bzl", "package_in_store")
load("//layers/private:tier.bzl", "form_of")
load("//layers/private:tiered_layers.bzl", "find_units", "group_layer")
load("//layers/private:unit_info.bzl", "UnitsInfo")
load(":layer_groups.bzl", "NODE", "PACKAGES", "TIER_GROUPS")
load(":partition.bzl", "TREES", "group_tests", "partition")
load(":parts.bzl", "image_manifest", "make_part", "make_parts")
load(":tier.bzl", "LINK_MODE")
load(":trees.bzl", "split_trees")

visibility(["//js/..."])

_STORE = "/.aspect_rules_js/"

def _store_folder(path):
    """A package's folder in the store, of the path of anything in it."""
    before, store, stored = path.partition(_STORE)
    return before + store + stored.split("/", 1)[0]

def _itself(path):
    return path

def _own_packages(ctx, tier, part, split, binaries):
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
    return struct(
        compressed = struct(files = depset(), folder = tier.store, part = fragment.part, sidecar = fragment.sidecar),
        spec = struct(reason = "below node_modules in a folder of " + " ".join([label_text(binary.label) for binary in binaries])),
        unit = struct(kind = "own", name = "node_modules in folders"),
    )

def _links_manifest(ctx, *, tier, layout, declared, trees, files, links, node_modules, first_party, placed):
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
    add_links(manifest, runfiles, tier.store, ctx.workspace_name, files = trees, path_of = _store_folder, mode = LINK_MODE)
    add_links(manifest, tier.store, runfiles, ctx.workspace_name, files = first_party, path_of = _store_folder, mode = LINK_MODE)
    add_links(manifest, runfiles, tier.store, ctx.workspace_name, files = files, path_of = _itself, mode = LINK_MODE)
    return manifest

def _beside(path):
    before, folder, _ = path.rpartition("/node_modules/")
    return before + folder

def check_store(tier, launchers):
    """Fails for a store that would stand below a program.

    Args:
        tier: `LayerTierInfo`.
        launchers: list of string, absolute paths.
    """
    for launcher in launchers:
        if (tier.store + "/").startswith(launcher + "/"):
            fail("attribute layer_tier: the store of {}, {}, is below the launcher {}, which is not a directory; set root, or the tier's store".format(tier.label, tier.store, launcher))

def js_tiered_layers(ctx, *, tier, binaries, layout, pairs, placed, runfiles, links, groups, write):
    """Declares the layers.

    Args:
        ctx: the context of js_image_layer.
        tier: `LayerTierInfo` of `js_tier`.
        binaries: list of Target.
        layout: struct of `runfiles` and `launcher_links` (dict of path to the target of a link).
        pairs: list of pairs of path in the image and File.
        placed: dict, as of `make_part`.
        runfiles: those of the binaries.
        links: struct of `links_of`.
        groups: dict of `ordered_groups`.
        write: struct of `layer_writer`.

    Returns:
        A pair of a dict of layer, in order, to a struct of `group_layer` or of a `layer_writer`; and
        the struct of `assemble`.
    """

    # What has a path of its own is a file of the image, wherever packages stand.
    here = struct(
        files = depset([file for path, file in pairs if path not in placed]),
        root_symlinks = depset(),
        symlinks = depset(),
    )
    assembly = assemble(
        ctx,
        tier,
        links = links.declared,
        repositories = depset(transitive = [binary[UnitsInfo].repositories for binary in binaries if UnitsInfo in binary]),
        runfiles = here,
        units = find_units(ctx, tier, binaries, here),
    )
    left = {file.path: None for file in assembly.files}
    tests = group_tests(groups, TIER_GROUPS)
    pairs_of = partition([pair for pair in pairs if pair[0] in placed or pair[1].path in left], tests)
    parts = make_parts(
        ctx,
        layout,
        placed,
        pairs_of,
        tests,
        runfiles,
        links,
        keep_tree_links = tier.tree_links == "keep",
        sliced = False,
        taken = [pair for pair in pairs if pair[0] not in placed and pair[1].path not in left],
    )
    of_links = pairs_of[PACKAGES] + pairs_of["node_modules"]
    packages = [file for file in assembly.stored if package_in_store("/" + file.short_path)]
    node = [file for file in assembly.stored if not package_in_store("/" + file.short_path)]

    part_of_trees = parts.get(TREES)
    of_trees = split_trees(ctx, part_of_trees, name = TREES, tiered = True, outputs = ["node_modules", "app"]) if part_of_trees else {}

    layers = {}
    app = parts["app"]
    if node:
        app = make_part(ctx, layout, placed, pairs_of[NODE] + app.pairs, links, found = app.found, empty = app.empty)
    else:
        layers[NODE] = _own(write, NODE, parts[NODE])

    shared = {layer.name: layer for layer in assembly.layers}
    shared.setdefault(PACKAGES, struct(name = PACKAGES, group = PACKAGES, fragments = []))
    for name, layer in shared.items():
        own = [_own_packages(ctx, tier, part_of_trees, of_trees["node_modules"], binaries)] if of_trees and name == PACKAGES else []
        layers[name] = group_layer(
            ctx,
            tier,
            struct(name = name, group = layer.group, fragments = layer.fragments + own),
            links.declared,
            write.requirements.get(layer.group, {}),
            more = [of_trees["node_modules"].manifest] if own else [],
        )

    layers["package_store_1p"] = _own(write, "package_store_1p", parts["package_store_1p"])
    of_store = [file for path, file in pairs_of[PACKAGES] if path not in placed]
    node_modules = [file for path, file in pairs_of["node_modules"] if path not in placed]

    layers["node_modules"] = write.layer(
        "node_modules",
        manifests = [_links_manifest(
            ctx,
            tier = tier,
            layout = layout,
            trees = packages,
            declared = links.declared,
            links = of_store,
            node_modules = node_modules,
            first_party = [file for path, file in pairs_of["package_store_1p"] if path not in placed],
            files = node,
            placed = [(path, file) for path, file in of_links if path in placed],
        )],
        inputs = depset(of_store + node_modules + [file for path, file in of_links if path in placed]),
    )
    found = app.found + ([of_trees["app"].manifest] if of_trees else [])
    app_manifest = app.manifest()
    for path, target in layout.launcher_links.items():
        add_link(app_manifest, path, target, mode = LINK_MODE)
    layers["app"] = write.layer(
        "app",
        manifests = found + [app_manifest],
        inputs = depset(transitive = [part.files for part in [app, part_of_trees] if part]),
    )
    return layers, assembly

def _own(write, group, part):
    return write.layer(group, manifests = part.found + [part.manifest()], inputs = part.files)
