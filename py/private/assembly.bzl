"""Which fragments make up the layers of an image."""

load("//layers/private:label_text.bzl", "label_text", "module_of")
load("//layers/private:manifest.bzl", "add_runfiles", "add_runfiles_links", "new_manifest")
load("//py/private:budget.bzl", "within_budget")
load("//py/private:layer_tier.bzl", "PACKAGES", "with_changes")
load("//py/private:layout.bzl", "layout_at")
load("//py/private:packages_aspect.bzl", "in_site_packages")
load("//py/private:providers.bzl", "PyUnitInfo")
load("//py/private:tier_keys.bzl", "normalize_distribution", "output_name")
load("//py/private:units.bzl", "cuts_of", "declare_fragment", "files_of_cuts", "fragment_key", "unmatched_keys")

visibility(["//py/..."])

# The image's own fragment of what is third-party but of no unit.
_LEFT_OVER = "left over"

def assemble(ctx, tier, *, mtime, links, runfiles, units, repositories):
    """Gives each file and link of a runfiles tree to exactly one group.

    Each file leaves the runfiles with the first unit that has it, and what is left is the
    image's own: so none is lost and none is there twice, whatever the units say. A unit
    that is there as a whole has its shared fragment; any other a fragment of the image.

    Args:
        ctx: the context of the image's rule.
        tier: `LayerTierInfo`.
        mtime: int.
        links: as of `add_runfiles`.
        runfiles: runfiles of the binary.
        units: list of `PyUnitInfo`, the first of which take first.
        repositories: depset of string: those that are third-party.

    Returns:
        A struct of `layers` (list of structs of `name`, `group` and `members`, structs of
        `name`, `kind`, `reason` and `fragment`, one of `PyUnitInfo.fragments`) and of what is
        left: the list `files`, and `copies` and `links`, structs of the lists `symlinks` and
        `root_symlinks`; and the list of string `unmatched`, keys of the tier that name nothing of a
        package that is there.
    """
    third_party = {repository: None for repository in repositories.to_list()}
    own, others = _sort_links(runfiles, third_party)
    tier = _without_modules(tier, units)
    pieces, rest = _pieces(ctx, tier, mtime, links, runfiles.files, units)
    unclaimed = _unclaimed(rest, third_party)
    if unclaimed:
        more, rest = _pieces(ctx, tier, mtime, links, depset(rest), unclaimed)
        pieces += more
    _check_dependencies(tier, pieces)
    named, rest = _named_pieces(ctx, tier, mtime, links, rest, third_party)
    pieces += named
    groups = {}
    for piece in pieces:
        groups.setdefault(piece.cut.group, []).append(struct(
            fragment = piece.fragment,
            kind = piece.unit.kind,
            name = piece.unit.name,
            reason = piece.cut.reason,
            order = (piece.unit.name, str(piece.unit.label), piece.cut.number),
        ))

    left_over = struct(
        copies = others.copies,
        files = [file for file in rest if _is_third_party(file, third_party)],
        links = others.links,
    )
    if any([left_over.files] + _lists(left_over.copies) + _lists(left_over.links)):
        groups.setdefault(PACKAGES, []).append(struct(
            fragment = _left_over_fragment(ctx, tier, mtime, links, left_over),
            kind = "own",
            name = _LEFT_OVER,
            reason = "third-party, of no distribution in the image",
            order = (_LEFT_OVER, "", 0),
        ))
    return struct(
        files = [file for file in rest if not _is_third_party(file, third_party)],
        layers = within_budget(tier, {
            # By name: the same units make the same layer, whatever the order of dependencies.
            group: sorted(groups[group], key = lambda row: row.order)
            for group in tier.groups
            if group in groups
        }),
        copies = own.copies,
        links = own.links,
        unmatched = _unmatched(tier, units, pieces, rest),
    )

def _unclaimed(files, third_party):
    """The distributions of which no target is on the edges of the aspect.

    A toolchain or an implicit attribute has brought them, as py_proto_library does protobuf. Each is
    one external repository with the metadata of one wheel in it.
    """
    metadata = {}
    for file in files:
        folder, found, _ = file.short_path.partition(".dist-info/")
        if found and in_site_packages(file):
            name = normalize_distribution(folder.split("/")[-1].split("-")[0])
            metadata.setdefault(file.owner.repo_name, {})[name] = None
    names = {repository: found.keys()[0] for repository, found in metadata.items() if len(found) == 1}
    of_repository = {repository: [] for repository in names if repository}
    for file in files if of_repository else []:
        # An interpreter has a distribution, too, and is none.
        if file.owner.repo_name in of_repository and _is_third_party(file, third_party):
            of_repository[file.owner.repo_name].append(file)
    return [
        PyUnitInfo(
            files = depset(of_repository[repository]),
            fragments = (),
            kind = "distribution",
            label = Label("@@{}//:{}".format(repository, names[repository])),
            name = names[repository],
        )
        for repository in sorted(of_repository)
    ]

def _without_modules(tier, units):
    """A key with the name of a module that is there is for its targets, not for a distribution."""
    modules = {module_of(unit.label): None for unit in units if unit.kind == "target"}
    distributions = {
        name: key
        for name, key in tier.distributions.items()
        if key.repository not in modules
    }
    splits = {
        name: [key for key in keys if key.repository not in modules]
        for name, keys in tier.splits.items()
    }
    if distributions == tier.distributions and splits == tier.splits:
        return tier
    return with_changes(tier, {"distributions": distributions, "splits": splits})

def _check_dependencies(tier, pieces):
    taken = {piece.unit.label: None for piece in pieces if piece.unit.kind == "dependency"}
    for label in tier.dependencies:
        if label not in taken:
            fail("attribute groups: {} takes nothing: the image does not need it, or what it has is a distribution, which a key of a layer_tier groups, or is in a group before; leave it out".format(label_text(label)))

def _named_pieces(ctx, tier, mtime, links, rest, third_party):
    """Pieces of files that a key names by their own label where no target of a unit has them, and the list of all others."""
    files = depset([file for file in rest if not _is_third_party(file, third_party)]) if tier.first_party else depset()
    pieces = []
    taken = {}
    for cut in cuts_of(tier, "target", None, None, files):
        key = fragment_key(tier, cut, mtime)
        unit = PyUnitInfo(files = cut.files, fragments = (), kind = "target", label = cut.key, name = cut.key)
        fragment = declare_fragment(
            ctx,
            stem = "{}_files".format(ctx.label.name),
            tier = tier,
            unit = unit.name,
            cut = cut,
            key = repr((cut.key, key)),
            files = cut.files,
            links = links,
            mtime = mtime,
        )
        pieces.append(struct(cut = cut, fragment = fragment, unit = unit))
        taken.update({file: None for file in cut.files.to_list()})
    if taken:
        rest = [file for file in rest if file not in taken]
    return pieces, rest

def _unmatched(tier, units, pieces, rest):
    if not any([key.target for key in tier.first_party]):
        return []
    targets = [unit for unit in units if unit.kind == "target"]
    files = [
        file
        for unit in targets + [piece.unit for piece in pieces if piece.unit.kind == "target"]
        for file in unit.files.to_list()
    ]
    labels = {label: None for label in [(unit.label, None) for unit in targets] + [(file.owner, output_name(file)) for file in files + rest]}
    return unmatched_keys(tier, labels.keys())

def _pieces(ctx, tier, mtime, links, tree, units):
    """The fragments of units, structs of `unit`, `cut` and `fragment`; and the list of all other files of the tree."""
    pieces = []
    for unit in units:
        shared = {fragment.key: fragment for fragment in unit.fragments}
        for cut in cuts_of(tier, unit.kind, unit.name, unit.label, unit.files):
            pieces.append(struct(cut = cut, fragment = shared.get(fragment_key(tier, cut, mtime)), unit = unit))
    rest = _rest(tree, [piece.fragment for piece in pieces])
    if rest != None:
        pieces = [piece for piece in pieces if piece.fragment.files]
        return pieces, _of_other_paths(rest, pieces)

    remaining = {file: True for file in tree.to_list()}
    pieces = [
        struct(cut = cut, fragment = fragment, unit = unit)
        for unit in units
        for cut, fragment in _fragments(ctx, tier, mtime, links, unit, remaining)
    ]
    return pieces, _of_other_paths(remaining.keys(), pieces)

def _of_other_paths(rest, pieces):
    """Files but those that stand in pieces by another configuration: a path is once in an image."""
    paths = {
        file.short_path: None
        for piece in pieces
        # What is installed is the same file for all.
        if piece.unit.kind != "distribution"
        for file in piece.fragment.files.to_list()
        if not file.is_source
    }
    return [file for file in rest if file.short_path not in paths] if paths else rest

def _rest(tree, fragments):
    """The files of a tree that are in none of its shared fragments.

    None unless the tree has all files of each, and no two have the same: so it is for nearly
    all images, and is told by comparing lengths, without a look at each of thousands of files.
    """
    count = 0
    for fragment in fragments:
        if not fragment:
            return None
        count += fragment.count
    taken = depset(transitive = [fragment.files for fragment in fragments])
    files = depset(order = "postorder", transitive = [taken, tree]).to_list()
    if len(taken.to_list()) != count or len(files) != len(tree.to_list()):
        return None
    return files[count:]

def _is_third_party(file, third_party):
    return file.owner.repo_name in third_party or in_site_packages(file)

def _sort_links(runfiles, third_party):
    """Sorts the links of a runfiles tree.

    A link to an external file of the tree stays a link: a copy would be in the image twice,
    and compressed again for each image (rules_python's venvs_site_packages has a link for
    each shared object). What a link says depends on where it stands, so it is the binary's own.

    Args:
        runfiles: runfiles of the binary.
        third_party: dict of string, the repositories that are third-party.

    Returns:
        A pair of the binary's own and of what goes to the distributions: structs of `copies` and
        `links`, which have the lists `symlinks` and `root_symlinks`.
    """
    own, others = _no_links(), _no_links()
    if not runfiles.symlinks and not runfiles.root_symlinks:
        return own, others
    present = {file: True for file in runfiles.files.to_list()}
    for kind, entries in [("symlinks", runfiles.symlinks), ("root_symlinks", runfiles.root_symlinks)]:
        for entry in entries.to_list():
            file = entry.target_file
            if file in present and file.short_path.startswith("../"):
                place = entry.path.removeprefix("../").split("/")[0]
                links = (others if place in third_party else own).links
            else:
                links = (others if _is_third_party(file, third_party) else own).copies
            getattr(links, kind).append(entry)
    return own, others

def _no_links():
    return struct(
        copies = struct(symlinks = [], root_symlinks = []),
        links = struct(symlinks = [], root_symlinks = []),
    )

def _lists(links):
    return [links.symlinks, links.root_symlinks]

def _fragments(ctx, tier, mtime, links, unit, remaining):
    """Pairs of a cut and its fragment; their files leave `remaining`."""
    cuts = cuts_of(tier, unit.kind, unit.name, unit.label, unit.files)
    if not cuts:
        return []
    shared = {fragment.key: fragment for fragment in unit.fragments}
    keys = [fragment_key(tier, cut, mtime) for cut in cuts]
    if all([key in shared for key in keys]):
        cut_files = [shared[key].files for key in keys]
    else:
        cut_files = files_of_cuts(tier, unit.name, unit.files, cuts)

    result = []
    for cut, key, files in zip(cuts, keys, cut_files):
        listed = files.to_list()
        present = [file for file in listed if remaining.pop(file, False)]
        if not present:
            continue
        if key in shared and len(present) == len(listed):
            result.append((cut, shared[key]))
            continue
        own = depset(present)
        result.append((cut, declare_fragment(
            ctx,
            stem = "_".join([ctx.label.name, unit.kind, _file_name(unit.label)]),
            tier = tier,
            unit = unit.name,
            cut = cut,
            key = key,
            files = own,
            links = links,
            mtime = mtime,
        )))
    return result

def _file_name(label):
    return "_".join([
        part
        for part in [label.repo_name, label.package.replace("/", "_"), label.name.replace("/", "_")]
        if part
    ])

def _left_over_fragment(ctx, tier, mtime, links, left_over):
    manifest = new_manifest(ctx, owner = tier.owner, mtime = mtime)
    add_runfiles(
        manifest,
        layout_at(tier.root).runfiles,
        ctx.workspace_name,
        files = left_over.files,
        links = links,
        root_symlinks = left_over.copies.root_symlinks,
        symlinks = left_over.copies.symlinks,
    )
    add_runfiles_links(
        manifest,
        layout_at(tier.root).runfiles,
        ctx.workspace_name,
        root_symlinks = left_over.links.root_symlinks,
        symlinks = left_over.links.symlinks,
    )
    cut = cuts_of(tier, "distribution", _LEFT_OVER, None)[-1]
    return declare_fragment(
        ctx,
        stem = ctx.label.name + "_left_over",
        tier = tier,
        unit = _LEFT_OVER,
        cut = cut,
        key = fragment_key(tier, cut, mtime),
        manifest = manifest,
        files = depset(left_over.files + [
            entry.target_file
            for entry in left_over.copies.symlinks + left_over.copies.root_symlinks
        ]),
    )
