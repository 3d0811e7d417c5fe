"""Slices of a layer of packages: runs of its order that are compressed on their own.

A layer has to list what rules_js lists, in that order, and its paths hold the binary's
name. So what is compressed once for many rebuilds is no package but a slice of the order:
concatenated, the slices are the layer.
"""

load("//layers/private:compression.bzl", "compression_form")
load("//layers/private:fragment.bzl", "concat_layer", "write_fragment")
load("//layers/private:layer.bzl", "manifest_file")
load(":trees.bzl", "split_trees")

visibility(["//js/..."])

_STORE = "/.aspect_rules_js/"

# Packages in a slice, on average: few enough that a bump compresses little, and enough that
# starting actions is no part of the cost. A prime, so that every letter of a name has its say.
_PACKAGES = 19

def _order_key(path):
    """What sorts as the lines of a manifest do, where all but printable ASCII is escaped."""
    return "".join([char if "!" <= char and char <= "~" else "\\" + char for char in path.elems()])

def _store_of(path):
    """The path of a package's folder in the store."""
    before, store, stored = path.partition(_STORE)
    return before + store + stored.split("/", 1)[0]

def _begins_slice(store):
    """Whether a slice begins with a package, by its name only.

    So a package that is added or bumped changes the slice that it is in, and at most cuts
    that one in two.
    """
    name = store.rsplit("/", 1)[1]
    version = name.find("@", 1)
    return hash(name[:version] if version > 0 else name) % _PACKAGES == 0

def _shared_folder(store, previous):
    """The folder up to which two packages share all; None where no slice can begin.

    A folder stands before what it holds, but not always next to it: `a@1`, `a@1-b`,
    `a@1-b/x`, `a@1/x`. These two are in one slice.
    """
    shared = []
    for mine, other in zip(store.split("/"), previous.split("/")):
        if mine != other:
            return None if other.startswith(mine) else "/".join(shared)
        shared.append(mine)
    return None

def cut_slices(pairs, trees = []):
    """Cuts files of the package store into slices.

    Args:
        pairs: list of pairs of path in the image (string) and File.
        trees: list of such pairs, folders beside the store that may have packages of it, or none:
            with such a one its neighbours are in one slice.

    Returns:
        A list of structs in the order of the layer: `name` (string, unique and the same
        as long as the first package of the slice is), `below` (string, the folder up to
        which earlier slices have all folders), `pairs` and `trees` (list of those in it).
    """
    stores = {}
    for path, file in pairs:
        stores.setdefault(_store_of(path), []).append((path, file))
    if not stores:
        return []
    folders = dict(trees)

    slices = []
    previous = None
    for store in sorted(list(stores) + list(folders), key = lambda store: _order_key(store + "/")):
        if not slices:
            below = ""
        elif store in folders or previous in folders:
            below = None
        else:
            below = _shared_folder(store, previous) if _begins_slice(store) else None
        if below != None:
            slices.append(struct(name = store, below = below + "/", pairs = [], trees = []))
        if store in folders:
            slices[-1].trees.append((store, folders[store]))
        else:
            slices[-1].pairs.extend(stores[store])
        previous = store
    return slices

def write_slices(ctx, *, layer, slices, manifests, compression, level, execution_requirements = {}):
    """Declares a layer of slices, and their actions.

    Args:
        ctx: the context of js_image_layer.
        layer: string, name of the layer.
        slices: list of structs of `name`, `below`, `part` and `trees` (one of `make_part` or None), of
            which two or more.
        manifests: list: what the slices have but of trees.
        compression: a key of `COMPRESSIONS`.
        level: int or None.
        execution_requirements: dict of string, of the action that puts them together.

    Returns:
        A struct as of the function `layer` of a `layer_writer`.
    """
    form = compression_form(compression, level)
    fragments = []
    of_slices = []
    for slice in slices:
        stem = "{}.slices/{}".format(layer, slice.name)
        of_trees = split_trees(ctx, slice.trees, name = stem, outputs = [layer])[layer] if slice.trees else None
        of_slices.extend([of_trees.manifest] if of_trees else [])
        fragments.append(write_fragment(
            ctx,
            stem = "{}_{}".format(ctx.label.name, stem),
            unit = "{} and what follows".format(slice.name),
            manifest = slice.part.manifest(),
            inputs = depset(transitive = [part.files for part in [slice.part, slice.trees] if part]),
            form = form,
            slice_below = slice.below,
            split = of_trees,
        ))
    written = concat_layer(ctx, layer = layer, fragments = fragments, form = form, execution_requirements = execution_requirements)
    return struct(
        tar = written.tar,
        metadata = written.metadata,
        manifests = [manifest_file(ctx, layer, manifest) for manifest in manifests] + of_slices,
    )
