"""Units, and the actions that compress each of them once."""

load(":fragment.bzl", "write_fragment")
load(":fragment_specs.bzl", "files_of_specs", "spec_reader")
load(":glob.bzl", "glob_of_path", "quote_regex", "regex_of_glob")
load(":layer.bzl", "list_tree_links", "split_manifest")
load(":layout.bzl", "runfiles_path")
load(":manifest.bzl", "add_runfiles", "new_manifest")
load(":tier.bzl", "form_of", "key_hash")
load(":unit_info.bzl", "shared_unit")

visibility(["//js/...", "//layers/...", "//py/..."])

# Groups of the split of a folder.
_TAKEN = "taken"
_LEFT = "left"

def declare_fragment(ctx, *, stem, tier, unit, spec, files, key = None, links = True, label = None, count = None, manifest = None):
    """Declares a fragment below the package of the rule or the aspect.

    Args:
        ctx: the context of a rule or an aspect with `LAYER_TOOL`.
        stem: string, what the names of the outputs begin with.
        tier: `LayerTierInfo`.
        unit: string, name of the unit.
        spec: spec of `spec_reader`.
        files: depset of File, all that the manifest names.
        key: string, that of the fragment. Default: that of the spec.
        links: as of `add_runfiles`.
        label: string or None, as of `new_manifest`.
        count: int, of the files that no fragment of the unit before it has. Default: of all.
        manifest: Args, or None: the files at their places in the runfiles.

    Returns:
        A struct for `SharedUnitInfo.fragments`.
    """
    key = key or spec.id
    stem = "{}.{}".format(stem, key_hash(key))
    listed = files.to_list()
    trees = [file for file in listed if file.is_directory]

    def lines(files, tree_links):
        return files_manifest(ctx, tier, files, folder = spec.folder, label = label, links = links, tree_links = tree_links)

    split = _split_trees(ctx, stem = stem, spec = spec, trees = trees, manifest = lines(trees, "follow"), label = label) if trees and spec.globs else None
    whole = depset([file for file in listed if not file.is_directory]) if split else files
    kept = trees if spec.tree_links == "keep" and not split else []
    tree_links = list_tree_links(
        ctx,
        stem = stem,
        manifest = lines(kept, "keep"),
        elsewhere = lines(files, "follow"),
        trees = kept,
    ) if kept else None
    fragment = write_fragment(
        ctx,
        stem = stem,
        unit = unit,
        manifest = manifest or lines(whole, "listed" if kept else "follow"),
        inputs = files,
        form = form_of(tier, spec.group),
        hard_links = tier.hard_links,
        exclude = ["{}/{}".format(glob_of_path(spec.folder.lstrip("/")), glob) for glob in spec.exclude],
        split = split,
        tree_links = tree_links,
    )
    return struct(count = len(listed) if count == None else count, files = files, folder = spec.folder, key = key, part = fragment.part, sidecar = fragment.sidecar)

def _split_trees(ctx, *, stem, spec, trees, manifest, label):
    """What of folders that actions make is in a fragment of a unit that globs split: only execution can tell."""
    before = []
    own = []
    for glob, number in spec.globs:
        regex = "(?:{})".format(regex_of_glob(glob))
        if spec.number < 0:
            own.append(regex)
        elif number == spec.number:
            own.append("(?!(?:{})$){}".format("|".join(before), regex) if before else regex)
        else:
            before.append(regex)
    places = "|".join([_place_of_globs("{}/{}".format(spec.folder, runfiles_path(tree, ctx.workspace_name))) for tree in trees])
    group = _TAKEN if spec.number >= 0 else _LEFT
    return split_manifest(
        ctx,
        stem = stem,
        label = label,
        name = "folders of a package",
        manifests = [manifest],
        groups = {_TAKEN: "^(?:{})(?:{})$".format(places, "|".join(own))},
        default = _LEFT,
        outputs = [group],
        trees = depset(trees),
    )[group]

def _place_of_globs(tree):
    """The regular expression of where the path begins that a glob is for: below the first site-packages, else below the folder."""
    before, found, _ = tree.partition("/site-packages/")
    if found:
        return quote_regex(before + found)
    return quote_regex(tree) + "(?:(?:(?!/site-packages/).)*/site-packages/|/(?!(?:.*/)?site-packages/))"

def files_manifest(ctx, tier, files, *, folder, label = None, links = True, tree_links = "follow"):
    """A manifest of files at their places in a tree.

    Args:
        ctx: the context of a rule or an aspect.
        tier: `LayerTierInfo`.
        files: depset or list of File.
        folder: string, absolute path of the tree.
        label: string or None, as of `new_manifest`.
        links: as of `add_runfiles`.
        tree_links: string, as of `new_manifest`.

    Returns:
        An Args.
    """
    manifest = new_manifest(ctx, owner = tier.owner, mtime = tier.mtime, modes = tier.modes, tree_links = tree_links, label = label)
    add_runfiles(manifest, folder, ctx.workspace_name, files = files, links = links)
    return manifest

def declare_unit(ctx, *, tier, kind, name, files, links = True, place = "", version = ""):
    """A unit with the fragments that a tier and its variants want, each once.

    Args:
        ctx: the context of the unit's own rule, or of an aspect on its target.
        tier: `LayerTierInfo`, the one that the flag names.
        kind: string.
        name: string.
        files: depset of File.
        links: as of `add_runfiles`.
        place: string.
        version: string.

    Returns:
        A `SharedUnitInfo`.
    """
    fragments = {}
    for variant in [tier] + tier.variants if tier.label else []:
        specs = spec_reader(variant)(kind, name, ctx.label, files, place)
        missing = [spec for spec in specs if spec.id not in fragments]
        if not missing:
            continue
        seen = {}
        for spec, spec_files in zip(specs, files_of_specs(variant, name, files, specs)):
            count = len(spec_files.to_list()) if not spec.globs else _count_new(spec_files, seen)
            if spec.id not in fragments:
                fragments[spec.id] = declare_fragment(
                    ctx,
                    # What has a place may be of several targets, which share the actions by it.
                    stem = ".units/" + place.removeprefix(ctx.label.package + "/") if place else ctx.label.name,
                    tier = variant,
                    unit = name,
                    spec = spec,
                    files = spec_files,
                    links = links,
                    label = place or None,
                    count = count,
                )
    return shared_unit(
        files = files,
        fragments = tuple(fragments.values()),
        kind = kind,
        label = ctx.label,
        name = name,
        place = place,
        version = version,
    )

def _count_new(files, seen):
    count = 0
    for file in files.to_list():
        if file not in seen:
            seen[file] = None
            count += 1
    return count
