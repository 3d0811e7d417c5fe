"""The files of each default group, and how manifests name them."""

load("//layers/private:declared_links.bzl", "DeclaredLinksInfo", "declared_links")
load("//layers/private:layer.bzl", "check_links", "list_tree_links")
load("//layers/private:manifest.bzl", "add_file", "add_runfiles", "new_manifest")
load("//layers/private:owner.bzl", "parse_owner")
load(":partition.bzl", "TREES", "group_of")
load(":slices.bzl", "cut_slices")
load(":tier.bzl", "LINK_MODE", "MTIME")

visibility(["//js/..."])

# The layer that is large and changes by a package at a time.
_SLICED = "package_store_3p"

# What other layers have, as the name of no group.
_TAKEN = "taken"

# The layer of links that leave the store: to folders of your own.
_LINKED = "package_store_1p"

def image_manifest(ctx, tree_links = "follow"):
    """Starts a manifest of what is an image's own, with the attributes that rules_js gives to entries.

    Args:
        ctx: the context of js_image_layer.
        tree_links: string, as of `new_manifest`.

    Returns:
        An Args of `new_manifest`.
    """
    return new_manifest(
        ctx,
        owner = parse_owner(ctx.attr.owner) or "0:0",
        mtime = MTIME,
        modes = "mode={} dmode={} lmode={}".format(ctx.attr.file_mode, ctx.attr.directory_mode, LINK_MODE),
        tree_links = tree_links,
    )

def links_of(binaries, expression):
    """Which outputs are links in the image.

    Args:
        binaries: list of Target, with `declared_links_aspect` unless a rule of others has them.
        expression: string or None: that of paths where symlinks are preserved, if which these are is
            not known at analysis.

    Returns:
        A struct of `declared` (as `links` of `add_runfiles`) and `expression`.
    """
    known = all([DeclaredLinksInfo in binary for binary in binaries])
    return struct(
        declared = declared_links(binaries) if known else True,
        expression = expression,
    )

def _add_pairs(ctx, manifest, layout, placed, pairs, links):
    """Adds files where they stand in the image.

    Args:
        ctx: the context of js_image_layer.
        manifest: Args of `image_manifest`.
        layout: struct of `image_layout`.
        placed: dict, as of `make_part`.
        pairs: list of pairs of path in the image and File.
        links: struct of `links_of`.
    """

    # Whether a declared link stays one, to File.
    files = {True: [], False: []}
    for path, file in pairs:
        if path in placed:
            add_file(manifest, path, file, links = False)
        else:
            files[links.expression != None or "/node_modules/" in "/" + path].append(file)
    for may_be_link, part in files.items():
        add_runfiles(manifest, layout.runfiles, ctx.workspace_name, files = part, links = links.declared if may_be_link else False)

def _find_tree_links(ctx, layout, placed, name, pairs, pairs_of, links):
    """Declares the manifest of the links in the trees of a part.

    Returns:
        A list of the File of `list_tree_links`, or of none if there are no trees.
    """
    trees = [(path, file) for path, file in pairs if file.is_directory]
    if not trees:
        return []
    manifest = image_manifest(ctx, "keep")
    _add_pairs(ctx, manifest, layout, placed, trees, links)
    elsewhere = image_manifest(ctx)
    for others in pairs_of.values():
        _add_pairs(ctx, elsewhere, layout, placed, others, links)
    return [list_tree_links(
        ctx,
        stem = "{}_{}".format(ctx.label.name, name),
        manifest = manifest,
        elsewhere = elsewhere,
        trees = [file for _, file in trees],
    )]

def make_part(ctx, layout, placed, pairs, links, slices = [], gates = [], found = [], empty = None):
    """Files of one default group or slice, and a function that makes their manifest.

    Args:
        ctx: the context of js_image_layer.
        layout: struct of `image_layout`.
        placed: dict of path in the image to File: what does not stand at its runfiles path.
        pairs: list of pairs of path in the image and File.
        links: struct of `links_of`.
        slices: list of structs of `name`, `below`, `part` and `trees`: the same files cut up.
        gates: list of File: empty ones, without which the part is not to be written.
        found: list of Files of `list_tree_links`; none: links in trees are followed.
        empty: struct of `runfiles` and `takes`, as `empty_files_of` and `empty_files_if` of
            `add_runfiles`; None: no files without content.

    Returns:
        A struct of the depsets `files` and `trees`, the function `manifest`, `slices`, `pairs`, `empty`,
        and the list `found` of Files that are manifests to be taken before it.
    """

    def manifest():
        lines = image_manifest(ctx, "listed" if found else "follow")
        _add_pairs(ctx, lines, layout, placed, pairs, links)
        if empty:
            add_runfiles(
                lines,
                layout.runfiles,
                ctx.workspace_name,
                files = [],
                empty_files_if = empty.takes,
                empty_files_of = empty.runfiles,
            )
        return lines

    return struct(
        empty = empty,
        files = depset([file for _, file in pairs] + gates),
        found = found,
        manifest = manifest,
        pairs = pairs,
        slices = slices,
        trees = depset([file for _, file in pairs if file.is_directory]),
    )

def _slice(slice, *, name, part, part_of):
    return struct(
        name = name,
        below = slice.below,
        part = part,
        trees = part_of("{}.slices/{}".format(_SLICED, name), slice.trees) if slice.trees else None,
    )

def make_parts(ctx, layout, placed, pairs_of, tests, runfiles, links, keep_tree_links, taken = [], sliced = True):
    """The parts of all default groups.

    Args:
        ctx: the context of js_image_layer.
        layout: struct of `image_layout`.
        placed: dict, as of `make_part`.
        pairs_of: dict of `partition`.
        tests: dict of `group_tests`.
        runfiles: those of the binary.
        links: struct of `links_of`.
        keep_tree_links: bool, whether links in trees stay links. Those of third-party packages,
            as installed, have no links but to what their build had, and are followed.
        taken: list of pairs of path in the image and File: what is in no part, and in the image.
        sliced: bool, whether the third-party packages are cut into slices.

    Returns:
        A dict of group to a struct of `make_part`, with `TREES` only if there are some.
    """

    def empty_of(group):
        return struct(
            runfiles = runfiles,
            takes = lambda path: group_of(tests, layout.runfiles + "/" + path) == group,
        )

    def part_of(name, pairs, empty = None):
        return make_part(
            ctx,
            layout,
            placed,
            pairs,
            links,
            empty = empty,
            found = _find_tree_links(ctx, layout, placed, name, pairs, pairs_of | {_TAKEN: taken}, links) if keep_tree_links else [],
        )

    parts = {}
    for group, pairs in pairs_of.items():
        if group == _SLICED and sliced:
            parts[group] = make_part(ctx, layout, placed, pairs, links, slices = [
                _slice(
                    slice,
                    name = slice.name[len(layout.runfiles) + 1:],
                    part = make_part(ctx, layout, placed, slice.pairs, links),
                    part_of = part_of,
                )
                for slice in cut_slices(pairs, pairs_of[TREES])
            ])
        elif group != TREES:
            parts[group] = part_of(group, pairs, empty_of(group))
        elif pairs:
            parts[group] = part_of(group, pairs)

    may_be_links = [file for path, file in pairs_of.get(_LINKED, []) if not file.is_directory and path not in placed]
    if may_be_links:
        checked = check_links(
            ctx,
            name = _LINKED,
            manifests = [parts[_LINKED].manifest()],
            elsewhere = [
                part.manifest()
                for group, part in (parts | {_TAKEN: make_part(ctx, layout, placed, taken, links)}).items()
                if group != _LINKED
            ],
            inputs = depset(may_be_links),
        )
        linked = parts[_LINKED]
        parts[_LINKED] = make_part(ctx, layout, placed, linked.pairs, links, gates = [checked], found = linked.found, empty = linked.empty)
    return parts
