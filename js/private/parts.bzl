"""The files of each default group, and how manifests name them."""

load("//layer_tool/private:layer.bzl", "check_links", "list_tree_links")
load("//layer_tool/private:manifest.bzl", "add_file", "add_runfiles", "new_manifest")
load(":slices.bzl", "cut_slices")

visibility(["//js/..."])

_MTIME = 0
_LINK_MODE = "0775"

# The layer that is large and changes by a package at a time.
_SLICED = "package_store_3p"

# The layer of links that leave the store: to folders of your own.
_LINKED = "package_store_1p"

def js_manifest(ctx, *, owner, file_mode = "0555", directory_mode = "0755", tree_links = "follow", label = None):
    """Starts a manifest with the attributes that rules_js gives to entries.

    Args:
        ctx: the context of a rule or an aspect.
        owner: string, `UID:GID`.
        file_mode: string, octal.
        directory_mode: string, octal.
        tree_links: string, as of `new_manifest`.
        label: string or None, as of `new_manifest`.

    Returns:
        An Args of `new_manifest`.
    """
    return new_manifest(
        ctx,
        owner = owner,
        mtime = _MTIME,
        modes = "mode={} dmode={} lmode={}".format(file_mode, directory_mode, _LINK_MODE),
        tree_links = tree_links,
        label = label,
    )

def image_manifest(ctx, tree_links = "follow"):
    """Starts a manifest of what is an image's own.

    Args:
        ctx: the context of js_image_layer.
        tree_links: string, as of `new_manifest`.

    Returns:
        An Args of `new_manifest`.
    """
    return js_manifest(ctx, owner = ctx.attr.owner, file_mode = ctx.attr.file_mode, directory_mode = ctx.attr.directory_mode, tree_links = tree_links)

def find_tree_links(ctx, layout, pairs_of):
    """Declares the manifest of the links in the trees that are no third-party packages.

    Those, as installed, have no links but to what their build had.

    Args:
        ctx: the context of js_image_layer.
        layout: struct of `image_layout`.
        pairs_of: dict of `partition`.

    Returns:
        A list of the File of `list_tree_links`, or of none if there are no such trees.
    """
    trees = [
        file
        for group, pairs in pairs_of.items()
        if group != _SLICED
        for _, file in pairs
        if file.is_directory
    ]
    if not trees:
        return []
    manifest = image_manifest(ctx, "keep")
    add_runfiles(manifest, layout.runfiles, ctx.workspace_name, files = trees)
    elsewhere = image_manifest(ctx)
    add_runfiles(elsewhere, layout.runfiles, ctx.workspace_name, files = [file for pairs in pairs_of.values() for _, file in pairs])
    return [list_tree_links(ctx, stem = ctx.label.name, manifest = manifest, elsewhere = elsewhere, trees = trees)]

def make_part(ctx, layout, extra, pairs, links = None, slices = [], gates = [], found = []):
    """Files of one default group or slice, and a function that makes their manifest.

    A manifest is an Args, which can be given as a parameter file only once.

    Args:
        ctx: the context of js_image_layer.
        layout: struct of `image_layout`.
        extra: dict of path in the image to File: what does not stand at its runfiles path.
        pairs: list of pairs of path in the image and File.
        links: string or None, as of `plan_layers`.
        slices: list of structs of `name`, `below` and `part`: the same files cut up.
        gates: list of File: empty ones, without which the part is not to be written.
        found: list of `find_tree_links`; none: links in trees are followed.

    Returns:
        A struct of the depsets `files` and `trees`, the function `manifest`, `slices`, and the list
        `found` of Files that are manifests to be taken before it.
    """
    placed = {path: file for path, file in pairs if path in extra}

    # Whether a link stays one, to File.
    files = {True: [], False: []}
    for path, file in pairs:
        if path not in placed:
            files[links != None or "/node_modules/" in "/" + path].append(file)

    def manifest():
        lines = image_manifest(ctx, "listed" if found else "follow")
        for path, file in placed.items():
            add_file(lines, path, file)
        for may_be_link, part in files.items():
            add_runfiles(lines, layout.runfiles, ctx.workspace_name, files = part, links = may_be_link)
        return lines

    return struct(
        files = depset([file for _, file in pairs] + gates),
        trees = depset([file for _, file in pairs if file.is_directory]),
        found = found,
        manifest = manifest,
        slices = slices,
    )

def make_parts(ctx, layout, extra, pairs_of, links, found):
    """The parts of all default groups.

    Args:
        ctx: the context of js_image_layer.
        layout: struct of `image_layout`.
        extra: dict, as of `make_part`.
        pairs_of: dict of `partition`.
        links: string or None, as of `plan_layers`.
        found: list of `find_tree_links`; none: links in trees are followed.

    Returns:
        A dict of group to a struct of `make_part`.
    """
    parts = {}
    for group, pairs in pairs_of.items():
        slices = [
            struct(
                name = slice.name[len(layout.runfiles) + 1:],
                below = slice.below,
                part = make_part(ctx, layout, extra, slice.pairs, links),
            )
            for slice in (cut_slices(pairs) if group == _SLICED else [])
        ]
        parts[group] = make_part(ctx, layout, extra, pairs, links, slices, found = found if group != _SLICED else [])

    may_be_links = [file for _, file in pairs_of.get(_LINKED, []) if not file.is_directory]
    if may_be_links:
        checked = check_links(
            ctx,
            name = _LINKED,
            manifests = [parts[_LINKED].manifest()],
            elsewhere = [part.manifest() for group, part in parts.items() if group != _LINKED],
            inputs = depset(may_be_links),
        )
        parts[_LINKED] = make_part(ctx, layout, extra, pairs_of[_LINKED], links, gates = [checked], found = found)
    return parts
