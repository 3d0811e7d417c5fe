"""Which fragments a tier makes of a unit.

The spec of a fragment is a struct of `group`, `reason` (why it is in that group, for people),
`globs` (tuple of pairs: a glob, and the number of the spec that takes what the glob is first to
match), `number` (-1: what no glob matches), `exclude` (tuple of the globs of what is left out
when it is written), `tree_links` (string: `follow` for packages, which as installed have no
links but to what their build had; else what the tier says), `id` (string: all that the fragment's bytes
depend on but the files of the unit, the same for two tiers that only group differently), `folder` (string: absolute path of the
tree that it stands in, each file at its path in a runfiles tree) and, of a target, `files` (depset of
File: what of it goes there), `key` and `paths` (tuple of their short paths; empty for all of them).
"""

load(":glob.bzl", "glob_matches")
load(":label_text.bzl", "label_text", "module_of")
load(":layout.bzl", "layout_at")
load(":recognisers.bzl", "path_in_unit")
load(":tier.bzl", "form_of")
load(":tier_keys.bzl", "is_for", "output_name")

visibility("//layers/...")

_OTHERS = -1

def spec_reader(tier):
    """Tells the specs of units.

    Args:
        tier: `LayerTierInfo`.

    Returns:
        A function of what are fields of `SharedUnitInfo`, the strings `kind`, `name` and `place`, the Label
        `label` (None for files that are of no target) and the depset `files`, for a target. It returns
        a list of specs; none for a target of which nothing is in a group.
    """
    runfiles = _runfiles(tier)

    # Most packages are named by no key: there is one spec for all of a folder.
    unnamed = {}

    def specs_of(kind, name, label, files = None, place = ""):
        if kind == "target":
            return _specs_of_target(tier, label, files) if tier.first_party else []
        folder = tier.store if place and tier.store else runfiles
        if kind == "interpreter":
            return [_spec(tier, folder, tier.interpreter_group, "interpreter_group of " + label_text(tier.label), exclude = tuple(tier.exclude))]
        if kind == "dependency":
            return [_spec(tier, folder, tier.dependencies[label], "groups of the image", tree_links = tier.tree_links)]
        keys = _keys_of_package(tier, name)
        if keys:
            return _specs_of_package(tier, folder, keys)
        if folder not in unnamed:
            unnamed[folder] = _specs_of_package(tier, folder, [])
        return unnamed[folder]

    return specs_of

def _specs_of_package(tier, folder, keys):
    exclude = tuple(tier.exclude)
    splits = [key for key in keys if key.glob]
    of_group = {}
    for split in splits:
        of_group.setdefault(split.group, []).append(split.key)
    globs = tuple([(split.glob, of_group.keys().index(split.group)) for split in splits])
    specs = [
        _spec(tier, folder, group, _reason(tier, of_group[group]), globs, exclude, number = number)
        for number, group in enumerate(of_group)
    ]
    wholes = [key for key in keys if not key.glob][:1]
    group = wholes[0].group if wholes else tier.packages_group
    return specs + [_spec(tier, folder, group, _reason(tier, [key.key for key in wholes]), globs, exclude)]

def spec_of_packages(tier, reason):
    """The spec of what is third-party and of no package in the image.

    Args:
        tier: `LayerTierInfo`.
        reason: string, why it is in the group of packages.

    Returns:
        A spec.
    """
    return _spec(tier, _runfiles(tier), tier.packages_group, reason, exclude = tuple(tier.exclude))

def _runfiles(tier):
    return layout_at(tier.root).runfiles

def _keys_of_package(tier, name):
    """The keys for a package, in the order of the tries."""
    keys = tier.packages.get(name, [])
    globs = [key for key in tier.package_globs if glob_matches(name, key.name)]
    return sorted(keys + globs, key = lambda key: key.number) if globs else keys

def _specs_of_target(tier, label, files):
    """A spec for each key that is the first to name files, by their own label or that of the target."""
    of_target = _first_key(tier, label) if label else None
    of_label = {}
    of_key = {}
    listed = files.to_list()
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
            tier,
            _runfiles(tier),
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

def _spec(tier, folder, group, reason, globs = (), exclude = (), files = None, key = None, number = _OTHERS, paths = (), tree_links = "follow"):
    form = form_of(tier, group)
    return struct(
        exclude = exclude,
        files = files,
        folder = folder,
        globs = globs,
        group = group,
        id = repr((folder, tier.owner, tier.hard_links, tier.modes, tier.mtime, form, globs, number if globs else _OTHERS, exclude, tree_links) + ((paths,) if paths else ())),
        key = key,
        number = number,
        paths = paths,
        reason = reason,
        tree_links = tree_links,
    )

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
        specs: list of specs.

    Returns:
        A list of depsets of File, one for each spec: a folder that an action makes is in all of them,
        for only execution knows what is in it. Fails for a glob that no file is for.
    """
    if specs and specs[0].files:
        return [spec.files for spec in specs]
    globs = specs[0].globs
    if not globs:
        return [files]
    sorted_files = {spec.number: [] for spec in specs}
    unmatched = {key.glob: None for key in tier.packages.get(name, []) if key.glob}
    for file in files.to_list():
        if file.is_directory:
            unmatched = {}
            for sorted_file in sorted_files.values():
                sorted_file.append(file)
            continue
        path = path_in_unit(file)
        found = _OTHERS
        for glob, number in globs:
            if glob_matches(path, glob):
                unmatched.pop(glob, None)
                if found == _OTHERS:
                    found = number
        sorted_files[found].append(file)
    for glob in unmatched:
        fail("attribute groups of {}: the glob {} matches no file of {}, e.g. {}; correct it or leave it out".format(
            tier.label,
            repr(glob),
            name,
            repr(path_in_unit(files.to_list()[0])),
        ))
    return [depset(sorted_files[spec.number]) for spec in specs]
