"""Which fragments a tier makes of a unit.

The spec of a fragment is a struct of `group`, `reason` (why it is in that group, for people),
`globs` (tuple of pairs: a glob, and the number of the spec that takes what the glob is first to
match), `number` (-1: what no glob matches), `exclude` (tuple of the globs of what is left out
when it is written), `tree_links` (string: `follow` for packages, which as installed have no
links but to what their build had; else what the tier says) and, of a target, `files` (depset of
File: what of it goes there), `key` and `paths` (tuple of their short paths; empty for all of them).
"""

load(":glob.bzl", "glob_matches")
load(":label_text.bzl", "label_text", "module_of")
load(":layer_tier.bzl", "PACKAGES")
load(":manifest.bzl", "DEFAULT_MTIME")
load(":recognisers.bzl", "path_in_unit")
load(":tier.bzl", "form_of")
load(":tier_keys.bzl", "is_for", "output_name")

visibility("//layers/...")

_OTHERS = -1

def fragment_specs(tier, kind, name, label, files = None):
    """The specs of a unit.

    Args:
        tier: `LayerTierInfo`.
        kind: string, as all that follows a field of `SharedUnitInfo`.
        name: string.
        label: Label; None for files that are of no target.
        files: depset of File, for a target.

    Returns:
        A list of specs; none for a target of which nothing is in a group.
    """
    exclude = tuple(tier.exclude)
    if kind == "interpreter":
        return [_spec(tier.interpreter_group, "interpreter_group of " + label_text(tier.label), exclude = exclude)]
    if kind == "dependency":
        return [_spec(tier.dependencies[label], "groups of the image", tree_links = tier.tree_links)]
    if kind == "target":
        return _specs_of_target(tier, label, files)

    splits = tier.splits.get(name, [])
    keys = {}
    for split in splits:
        keys.setdefault(split.group, []).append(split.key)
    globs = tuple([(split.glob, keys.keys().index(split.group)) for split in splits])
    specs = [
        _spec(group, _reason(tier, keys[group]), globs, exclude, number = number)
        for number, group in enumerate(keys)
    ]
    whole = tier.distributions.get(name)
    if whole:
        return specs + [_spec(whole.group, _reason(tier, [whole.key]), globs, exclude)]
    return specs + [_spec(PACKAGES, _reason(tier, []), globs, exclude)]

def _specs_of_target(tier, label, files):
    """A spec for each key that is the first to name files, by their own label or that of the target."""
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
    specs = []
    for number in sorted(of_key):
        key = tier.first_party[number]
        taken = of_key[number]
        whole = len(taken) == len(listed)
        specs.append(_spec(
            key.group,
            _reason(tier, [key.key]),
            files = files if whole else depset(taken),
            key = key.key,
            tree_links = tier.tree_links,
            paths = () if whole else tuple([file.short_path for file in taken]),
        ))
    return specs

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

def _spec(group, reason, globs = (), exclude = (), files = None, key = None, number = _OTHERS, paths = (), tree_links = "follow"):
    return struct(exclude = exclude, files = files, globs = globs, group = group, key = key, number = number, paths = paths, reason = reason, tree_links = tree_links)

def _reason(tier, keys):
    return "{} of {}".format(
        " and ".join([repr(key) for key in keys]) or "no key",
        label_text(tier.label),
    )

def files_of_specs(tier, name, files, specs):
    """Sorts a unit's files.

    Args:
        tier: `LayerTierInfo`, for messages.
        name: string, the unit's.
        files: depset of File.
        specs: list of `fragment_specs`.

    Returns:
        A list of depsets of File, one for each spec. Fails for a glob that no file is for.
    """
    if specs and specs[0].files:
        return [spec.files for spec in specs]
    globs = specs[0].globs
    if not globs:
        return [files]
    sorted_files = {spec.number: [] for spec in specs}
    unmatched = {glob: None for glob, _ in globs}
    for file in files.to_list():
        path = path_in_unit(file)
        found = _OTHERS
        for glob, number in globs:
            if glob_matches(path, glob):
                unmatched.pop(glob, None)
                if found == _OTHERS:
                    found = number
        sorted_files[found].append(file)
    for glob in unmatched:
        fail("attribute groups of {}: the glob {} matches no file of {}, e.g. {}; mend it or leave it out (a folder that an action makes cannot be split)".format(
            tier.label,
            repr(glob),
            name,
            repr(path_in_unit(files.to_list()[0])),
        ))
    return [depset(sorted_files[spec.number]) for spec in specs]

def fragment_key(tier, spec, mtime = DEFAULT_MTIME):
    """All that a fragment's bytes depend on, but for the files of the unit.

    Args:
        tier: `LayerTierInfo`.
        spec: struct of `fragment_specs`.
        mtime: int.

    Returns:
        A string: the same for two tiers that only group differently.
    """
    return repr((tier.root, tier.owner, tier.hard_links, mtime, form_of(tier, spec.group), spec.globs, spec.number if spec.globs else _OTHERS, spec.exclude, spec.tree_links) + ((spec.paths,) if spec.paths else ()))
