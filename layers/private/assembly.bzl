"""Which fragments make up the layers of an image."""

load(":budget.bzl", "within_budget")
load(":fragment_specs.bzl", "files_of_specs", "spec_of_packages", "spec_reader", "unmatched_keys")
load(":label_text.bzl", "label_text", "module_of")
load(":layer_tier_info.bzl", "with_changes")
load(":layout.bzl", "layout_at")
load(":manifest.bzl", "add_runfiles", "add_runfiles_links", "new_manifest")
load(":recognisers.bzl", "is_third_party", "recognise_file", "repositories_of_files")
load(":tier_keys.bzl", "output_name")
load(":unit_info.bzl", "shared_unit")
load(":units.bzl", "declare_fragment")

visibility(["//js/...", "//layers/..."])

# The image's own fragment of what is third-party but of no unit.
_LEFT_OVER = "left over"

def assemble(ctx, tier, *, links, runfiles, units, repositories):
    """Gives each file and link of a runfiles tree to exactly one group.

    Each file leaves the runfiles with the first unit that has it, and what is left is the
    image's own: so none is lost and none is there twice, whatever the units say. A unit
    that is there as a whole has its shared fragment; any other a fragment of the image.

    Args:
        ctx: the context of the image's rule.
        tier: `LayerTierInfo`.
        links: as of `add_runfiles`.
        runfiles: runfiles of the binary, or a struct of these fields.
        units: list of `SharedUnitInfo`, the first of which take first.
        repositories: depset of string: those that are third-party.

    Returns:
        A struct of `layers` (list of structs of `name`, `group` and `fragments`, structs of `unit`
        (`SharedUnitInfo`), `spec` and `compressed`, one of `SharedUnitInfo.fragments`), `stored` (list of File:
        what stands in the store of the tier) and of what is left: the list `files`, and `copies` and
        `links`, structs of the lists `symlinks` and `root_symlinks`; and the list of string `unmatched`,
        keys of the tier that name nothing of a package that is there.
    """
    third_party = {repository: None for repository in repositories.to_list()}
    own, others = _sort_links(runfiles, third_party)
    tier = _without_modules(tier, units)
    specs_of = spec_reader(tier)
    fragments, rest = _unit_fragments(ctx, tier, specs_of, links, _once(runfiles.files, units), units)
    unclaimed = _unclaimed(rest, third_party)
    if unclaimed:
        more, rest = _unit_fragments(ctx, tier, specs_of, links, depset(rest), unclaimed)
        fragments += more
    _check_dependencies(tier, fragments)
    named, rest = _named_fragments(ctx, tier, specs_of, links, rest, third_party)
    fragments += named
    groups = {}
    for fragment in fragments:
        groups.setdefault(fragment.spec.group, []).append(fragment)

    left_over = struct(
        copies = others.copies,
        files = [file for file in rest if _is_third_party(file, third_party)],
        links = others.links,
    )
    if any([left_over.files] + _lists(left_over.copies) + _lists(left_over.links)):
        groups.setdefault(tier.packages_group, []).append(_left_over_fragment(ctx, tier, links, left_over))
    return struct(
        stored = _stored(tier, fragments),
        files = [file for file in rest if not _is_third_party(file, third_party)],
        layers = within_budget(tier, {
            # By name or place: the same units make the same layer, whatever the order of dependencies.
            group: sorted(groups[group], key = _order)
            for group in tier.groups
            if group in groups
        }),
        copies = own.copies,
        links = own.links,
        unmatched = _unmatched(tier, units, fragments, rest),
    )

def _order(fragment):
    unit = fragment.unit
    return unit.place or unit.name, str(unit.label), fragment.spec.number

def _stored(tier, fragments):
    files = depset(transitive = [fragment.compressed.files for fragment in fragments if fragment.unit.place]) if tier.store else depset()
    return files.to_list()

def _once(tree, units):
    """The files of a tree, each path once: targets that share an action have a File each."""
    placed = {file.path: file for unit in units if unit.place for file in unit.files.to_list()}
    return depset([placed.get(file.path, file) for file in tree.to_list()]) if placed else tree

def _unclaimed(files, third_party):
    """The packages of which no target is on the edges of the aspect.

    A toolchain or an implicit attribute has brought them, as py_proto_library does protobuf.
    """
    names = repositories_of_files(files)
    of_repository = {repository: [] for repository in names}
    found = []
    for file in files:
        # An interpreter has a distribution, too, and is none.
        if names and file.owner.repo_name in names and _is_third_party(file, third_party):
            of_repository[file.owner.repo_name].append(file)
        elif file.is_directory and recognise_file(file):
            found.append((file, recognise_file(file)))
    return [
        shared_unit(
            files = depset(of_repository[repository]),
            kind = "distribution",
            label = Label("@@{}//:{}".format(repository, names[repository])),
            name = names[repository],
        )
        for repository in sorted(of_repository)
    ] + [
        shared_unit(files = depset([file]), kind = "distribution", label = file.owner, name = unit.name, place = unit.place, version = unit.version)
        for file, unit in found
    ]

def _without_modules(tier, units):
    """A key with the name of a module that is there is for its targets, not for a distribution."""
    modules = {module_of(unit.label): None for unit in units if unit.kind == "target"}

    def others(keys):
        return [key for key in keys if key.repository == None or key.repository not in modules]

    packages = {name: others(keys) for name, keys in tier.packages.items()}
    package_globs = others(tier.package_globs)
    if packages == tier.packages and len(package_globs) == len(tier.package_globs):
        return tier
    return with_changes(tier, {"package_globs": package_globs, "packages": packages})

def _check_dependencies(tier, fragments):
    taken = {fragment.unit.label: None for fragment in fragments if fragment.unit.kind == "dependency"}
    for label in tier.dependencies:
        if label not in taken:
            fail("attribute groups: {} moves no files: the image does not need it, its files belong to a distribution (group that in a layer_tier), or an earlier group has them; leave it out".format(label_text(label)))

def _named_fragments(ctx, tier, specs_of, links, rest, third_party):
    """Fragments of files that a key names by their own label where no target of a unit has them, and the list of all others."""
    files = depset([file for file in rest if not _is_third_party(file, third_party)]) if tier.first_party else depset()
    fragments = []
    taken = {}
    for spec in specs_of("target", None, None, files):
        unit = shared_unit(files = spec.files, kind = "target", label = spec.key, name = spec.key)
        compressed = declare_fragment(
            ctx,
            stem = "{}_files".format(ctx.label.name),
            tier = tier,
            unit = unit.name,
            spec = spec,
            key = repr((spec.key, spec.id)),
            files = spec.files,
            links = links,
        )
        fragments.append(struct(spec = spec, compressed = compressed, unit = unit))
        taken.update({file: None for file in spec.files.to_list()})
    if taken:
        rest = [file for file in rest if file not in taken]
    return fragments, rest

def _unmatched(tier, units, fragments, rest):
    if not any([key.target for key in tier.first_party]):
        return []
    targets = [unit for unit in units if unit.kind == "target"]
    files = [
        file
        for unit in targets + [fragment.unit for fragment in fragments if fragment.unit.kind == "target"]
        for file in unit.files.to_list()
    ]
    labels = {label: None for label in [(unit.label, None) for unit in targets] + [(file.owner, output_name(file)) for file in files + rest]}
    return unmatched_keys(tier, labels.keys())

def _unit_fragments(ctx, tier, specs_of, links, tree, units):
    """The fragments of units, structs of `unit`, `spec` and `compressed`; and the list of all other files of the tree."""
    fragments = []
    for unit in units:
        shared = {fragment.key: fragment for fragment in unit.fragments}
        for spec in specs_of(unit.kind, unit.name, unit.label, unit.files, unit.place):
            fragments.append(struct(spec = spec, compressed = shared.get(spec.id), unit = unit))
    rest = _rest(tree, [fragment.compressed for fragment in fragments])
    if rest != None:
        fragments = [fragment for fragment in fragments if fragment.compressed.files]
        return fragments, _of_other_paths(rest, fragments)

    remaining = {file: True for file in tree.to_list()}
    fragments = [
        struct(spec = spec, compressed = compressed, unit = unit)
        for unit in units
        for spec, compressed in _compress(ctx, tier, specs_of, links, unit, remaining)
    ]
    return fragments, _of_other_paths(remaining.keys(), fragments)

def _of_other_paths(rest, fragments):
    """Files but those that stand in fragments as another File: a path is once in an image.

    It is of another configuration, or one is the copy of a source file beside the build's output.
    """
    paths = {
        file.short_path: None
        for fragment in fragments
        # What is installed is the same file for all.
        if fragment.unit.kind != "distribution"
        for file in fragment.compressed.files.to_list()
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
    taken = [fragment.files for fragment in fragments]
    files = depset(order = "postorder", transitive = taken + [tree]).to_list()
    if len(files) != len(tree.to_list()) or len(files) < count:
        return None

    # Were a file in two of them, one of the rest would be where the last of them ends.
    if count and files[count - 1] != taken[-1].to_list()[-1] and len(depset(transitive = taken).to_list()) != count:
        return None
    return files[count:]

def _is_third_party(file, third_party):
    return file.owner.repo_name in third_party or is_third_party(file)

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

def _compress(ctx, tier, specs_of, links, unit, remaining):
    """Pairs of a spec and its compressed fragment; their files leave `remaining`."""
    specs = specs_of(unit.kind, unit.name, unit.label, unit.files, unit.place)
    if not specs:
        return []
    shared = {fragment.key: fragment for fragment in unit.fragments}
    if all([spec.id in shared for spec in specs]):
        spec_files = [shared[spec.id].files for spec in specs]
    else:
        spec_files = files_of_specs(tier, unit.name, unit.files, specs)

    result = []
    taken = {}
    for spec, files in zip(specs, spec_files):
        listed = files.to_list()
        present = [file for file in listed if file in remaining]
        if not present:
            continue
        taken.update({file: None for file in present})
        if spec.id in shared and len(present) == len(listed):
            result.append((spec, shared[spec.id]))
            continue
        result.append((spec, declare_fragment(
            ctx,
            stem = "_".join([ctx.label.name, unit.kind, _file_name(unit)]),
            tier = tier,
            unit = unit.name,
            spec = spec,
            files = depset(present),
            links = links,
            label = unit.place or None,
        )))

    # Several fragments may have of one folder what globs say.
    for file in taken:
        remaining.pop(file)
    return result

def _file_name(unit):
    label = unit.label
    return unit.place.removeprefix("../") or "_".join([
        part
        for part in [label.repo_name, label.package.replace("/", "_"), label.name.replace("/", "_")]
        if part
    ])

def _left_over_fragment(ctx, tier, links, left_over):
    manifest = new_manifest(ctx, owner = tier.owner, mtime = tier.mtime, modes = tier.modes)
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
    spec = spec_of_packages(tier, "third-party, of no distribution in the image")
    compressed = declare_fragment(
        ctx,
        stem = ctx.label.name + "_left_over",
        tier = tier,
        unit = _LEFT_OVER,
        spec = spec,
        manifest = manifest,
        files = depset(left_over.files + [
            entry.target_file
            for entry in left_over.copies.symlinks + left_over.copies.root_symlinks
        ]),
    )
    unit = shared_unit(files = compressed.files, kind = "own", label = None, name = _LEFT_OVER)
    return struct(compressed = compressed, spec = spec, unit = unit)
