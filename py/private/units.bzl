"""How a tier cuts units into fragments, and the fragments' actions.

A cut is a struct of `group`, `reason` (why it is in that group, for people), `globs` (tuple
of pairs: a glob, and the number of the cut that takes what the glob is first to match),
`number` (-1: what no glob matches), `exclude` (tuple of the globs of what is left out
when it is written), `tree_links` (string: `follow` for packages, which as installed have no
links but to what their build had; else what the tier says) and, of a target, `files` (depset of File:
what of it goes there) and `paths` (tuple of their short paths; empty for all of them).
"""

load("//layers/private:fragment.bzl", "write_fragment")
load("//layers/private:glob.bzl", "glob_matches", "glob_of_path")
load("//layers/private:label_text.bzl", "label_text", "module_of")
load("//layers/private:layer.bzl", "list_tree_links")
load("//layers/private:manifest.bzl", "add_runfiles", "new_manifest")
load("//layers/private:tier.bzl", "form_of", "key_hash")
load("//py/private:layer_tier.bzl", "PACKAGES")
load("//py/private:layout.bzl", "layout_at")
load("//py/private:providers.bzl", "PyUnitInfo")
load("//py/private:tier_keys.bzl", "is_for", "output_name")

visibility(["//py/..."])

_REST = -1

# 2023-01-01T08:00:00Z, the time that bazel-lib's mtree_spec gives: a time of zero
# upsets programs that zip files.
DEFAULT_MTIME = 1672560000

def cuts_of(tier, kind, name, label, files = None):
    """The cuts of a unit.

    Args:
        tier: `LayerTierInfo`.
        kind: string, as all that follows a field of `PyUnitInfo`.
        name: string.
        label: Label; None for files that are of no target.
        files: depset of File, for a target.

    Returns:
        A list of cuts; none for a target of which nothing is in a group.
    """
    exclude = tuple(tier.exclude)
    if kind == "interpreter":
        return [_rest(tier.interpreter_group, "interpreter_group of " + label_text(tier.label), exclude = exclude)]
    if kind == "dependency":
        return [_rest(tier.dependencies[label], "groups of the image", tree_links = tier.tree_links)]
    if kind == "target":
        return _cuts_of_target(tier, label, files)

    splits = tier.splits.get(name, [])
    keys = {}
    for split in splits:
        keys.setdefault(split.group, []).append(split.key)
    globs = tuple([(split.glob, keys.keys().index(split.group)) for split in splits])
    cuts = [
        struct(exclude = exclude, files = None, globs = globs, group = group, number = number, paths = (), reason = _reason(tier, keys[group]), tree_links = "follow")
        for number, group in enumerate(keys)
    ]
    whole = tier.distributions.get(name)
    if whole:
        return cuts + [_rest(whole.group, _reason(tier, [whole.key]), globs, exclude)]
    return cuts + [_rest(PACKAGES, _reason(tier, []), globs, exclude)]

def _cuts_of_target(tier, label, files):
    """A cut for each key that is the first to name files, by their own label or that of the target."""
    of_target = _first_key(tier, label) if label else None
    of_label = {}
    of_key = {}
    listed = files.to_list() if tier.first_party else []
    by_name = any([key.target for key in tier.first_party])
    for file in listed:
        own = (file.owner, output_name(file) if by_name else None)
        if own not in of_label:
            of_label[own] = _first_key(tier, *own)
        numbers = [number for number in [of_target, of_label[own]] if number != None]
        if numbers:
            of_key.setdefault(min(numbers), []).append(file)
    cuts = []
    for number in sorted(of_key):
        key = tier.first_party[number]
        taken = of_key[number]
        whole = len(taken) == len(listed)
        cuts.append(_rest(
            key.group,
            _reason(tier, [key.key]),
            files = files if whole else depset(taken),
            key = key.key,
            tree_links = tier.tree_links,
            paths = () if whole else tuple([file.short_path for file in taken]),
        ))
    return cuts

def _first_key(tier, label, output = None):
    for number, key in enumerate(tier.first_party):
        if is_for(key, label, output):
            return number
    return None

def unmatched_keys(tier, labels):
    """The keys that name a target which is not there, though its package is.

    Args:
        tier: `LayerTierInfo`.
        labels: list of pairs of the Labels of an image's targets and files, and None or `output_name`.

    Returns:
        A list of string.
    """
    packages = {(module_of(label), label.package): None for label, _ in labels}
    return [
        key.key
        for key in tier.first_party
        if key.target and (key.repository, key.package) in packages and not any([is_for(key, label, output) for label, output in labels])
    ]

def _rest(group, reason, globs = (), exclude = (), files = None, key = None, paths = (), tree_links = "follow"):
    return struct(exclude = exclude, files = files, globs = globs, group = group, key = key, number = _REST, paths = paths, reason = reason, tree_links = tree_links)

def _reason(tier, keys):
    return "{} of {}".format(
        " and ".join([repr(key) for key in keys]) or "no key",
        label_text(tier.label),
    )

def files_of_cuts(tier, name, files, cuts):
    """Sorts a unit's files.

    Args:
        tier: `LayerTierInfo`, for messages.
        name: string, the unit's.
        files: depset of File.
        cuts: list of `cuts_of`.

    Returns:
        A list of depsets of File, one for each cut. Fails for a glob that no file is for.
    """
    if cuts and cuts[0].files:
        return [cut.files for cut in cuts]
    globs = cuts[0].globs
    if not globs:
        return [files]
    sorted_files = {cut.number: [] for cut in cuts}
    unmatched = {glob: None for glob, _ in globs}
    for file in files.to_list():
        path = _path_in_distribution(file)
        found = _REST
        for glob, number in globs:
            if glob_matches(path, glob):
                unmatched.pop(glob, None)
                if found == _REST:
                    found = number
        sorted_files[found].append(file)
    for glob in unmatched:
        fail("attribute groups of {}: the glob {} matches no file of {}, e.g. {}; mend it or leave it out (a folder that an action makes cannot be split)".format(
            tier.label,
            repr(glob),
            name,
            repr(_path_in_distribution(files.to_list()[0])),
        ))
    return [depset(sorted_files[cut.number]) for cut in cuts]

def _path_in_distribution(file):
    repository, _, below = file.short_path.partition("/site-packages/")
    return below or "/".join(repository.split("/")[2:])

def fragment_key(tier, cut, mtime = DEFAULT_MTIME):
    """All that a fragment's bytes depend on, but for the files of the unit.

    Args:
        tier: `LayerTierInfo`.
        cut: struct of `cuts_of`.
        mtime: int.

    Returns:
        A string: the same for two tiers that only group differently.
    """
    return repr((tier.root, tier.owner, tier.hard_links, mtime, form_of(tier, cut.group), cut.globs, cut.number if cut.globs else _REST, cut.exclude, cut.tree_links) + ((cut.paths,) if cut.paths else ()))

def declare_fragment(ctx, *, stem, tier, unit, cut, key, files, links = True, mtime = DEFAULT_MTIME, manifest = None):
    """Declares a fragment below the package of the rule or the aspect.

    Args:
        ctx: the context of a rule or an aspect with `LAYER_TOOL`.
        stem: string, what the names of the outputs begin with.
        tier: `LayerTierInfo`.
        unit: string, name of the unit.
        cut: struct of `cuts_of`.
        key: string of `fragment_key`.
        files: depset of File, all that the manifest names.
        links: as of `add_runfiles`.
        mtime: int.
        manifest: Args, or None: the files at their places in the runfiles.

    Returns:
        A struct for `PyUnitInfo.fragments`.
    """
    stem = "{}.{}".format(stem, key_hash(key))
    trees = [file for file in files.to_list() if file.is_directory] if cut.tree_links == "keep" else []
    tree_links = list_tree_links(
        ctx,
        stem = stem,
        manifest = files_manifest(ctx, tier, depset(trees), mtime, tree_links = "keep"),
        elsewhere = files_manifest(ctx, tier, files, mtime),
        trees = trees,
    ) if trees else None
    fragment = write_fragment(
        ctx,
        stem = stem,
        unit = unit,
        manifest = manifest or files_manifest(ctx, tier, files, mtime, links = links, tree_links = "listed" if trees else "follow"),
        inputs = files,
        form = form_of(tier, cut.group),
        hard_links = tier.hard_links,
        exclude = ["{}/{}".format(glob_of_path(layout_at(tier.root).runfiles.lstrip("/")), glob) for glob in cut.exclude],
        tree_links = tree_links,
    )
    return struct(count = len(files.to_list()), files = files, key = key, part = fragment.part, sidecar = fragment.sidecar)

def files_manifest(ctx, tier, files, mtime = DEFAULT_MTIME, links = True, tree_links = "follow"):
    """A manifest of files at their places in the runfiles.

    Args:
        ctx: the context of a rule or an aspect.
        tier: `LayerTierInfo`.
        files: depset of File.
        mtime: int.
        links: as of `add_runfiles`.
        tree_links: string, as of `new_manifest`.

    Returns:
        An Args.
    """
    manifest = new_manifest(ctx, owner = tier.owner, mtime = mtime, tree_links = tree_links)
    add_runfiles(manifest, layout_at(tier.root).runfiles, ctx.workspace_name, files = files, links = links)
    return manifest

def declare_unit(ctx, *, tier, kind, name, files, links = True):
    """A unit with the fragments that a tier and its variants want, each once.

    Args:
        ctx: the context of the unit's own rule, or of an aspect on its target.
        tier: `LayerTierInfo`, the one of `//py:layer_tier`.
        kind: string.
        name: string.
        files: depset of File.
        links: as of `add_runfiles`.

    Returns:
        A `PyUnitInfo`.
    """
    fragments = {}
    for form in [tier] + tier.variants:
        cuts = cuts_of(form, kind, name, ctx.label, files)
        missing = [cut for cut in cuts if fragment_key(form, cut) not in fragments]
        if not missing:
            continue
        for cut, cut_files in zip(cuts, files_of_cuts(form, name, files, cuts)):
            key = fragment_key(form, cut)
            if key not in fragments:
                fragments[key] = declare_fragment(
                    ctx,
                    stem = ctx.label.name,
                    tier = form,
                    unit = name,
                    cut = cut,
                    key = key,
                    files = cut_files,
                    links = links,
                )
    return PyUnitInfo(
        files = files,
        fragments = tuple(fragments.values()),
        kind = kind,
        label = ctx.label,
        name = name,
    )
