"""Which fragments make up the layers of an image."""

load("//layer_tool/private:manifest.bzl", "add_runfiles", "new_manifest")
load("//py/private:budget.bzl", "within_budget")
load("//py/private:layer_tier.bzl", "PACKAGES")
load("//py/private:layout.bzl", "layout_at")
load("//py/private:packages_aspect.bzl", "in_site_packages")
load("//py/private:units.bzl", "cuts_of", "declare_fragment", "files_manifest", "files_of_cuts", "fragment_key")

visibility(["//py/..."])

# The image's own fragment of what is third-party but of no unit.
_LEFT_OVER = "left over"

def assemble(ctx, tier, *, mtime, runfiles, units, repositories):
    """Gives each file and link of a runfiles tree to exactly one group.

    Each file leaves the runfiles with the first unit that has it, and what is left is the
    image's own: so none is lost and none is there twice, whatever the units say. A unit
    that is there as a whole has its shared fragment; any other a fragment of the image.

    Args:
        ctx: the context of the image's rule.
        tier: `LayerTierInfo`.
        mtime: int.
        runfiles: runfiles of the binary.
        units: list of `PyUnitInfo`, the first of which take first.
        repositories: depset of string: those that are third-party.

    Returns:
        A struct of `layers` (list of structs of `name`, `group` and `members`, structs of
        `name`, `kind`, `reason` and `fragment`, one of `PyUnitInfo.fragments`) and of what is
        left: the lists `files`, `symlinks` and `root_symlinks`.
    """
    remaining = {file: None for file in runfiles.files.to_list()}
    groups = {}
    for unit in units:
        for cut, fragment in _fragments(ctx, tier, mtime, unit, remaining):
            groups.setdefault(cut.group, []).append(struct(
                fragment = fragment,
                kind = unit.kind,
                name = unit.name,
                reason = cut.reason,
                order = (unit.name, str(unit.label), cut.number),
            ))

    third_party = {repository: None for repository in repositories.to_list()}

    def is_third_party(file):
        return file.owner.repo_name in third_party or in_site_packages(file)

    links = _links(runfiles, is_third_party, units)
    left_over = struct(
        files = [file for file in remaining if is_third_party(file)],
        root_symlinks = links.third_party_root_symlinks,
        symlinks = links.third_party_symlinks,
    )
    if left_over.files or left_over.symlinks or left_over.root_symlinks:
        groups.setdefault(PACKAGES, []).append(struct(
            fragment = _left_over_fragment(ctx, tier, mtime, left_over),
            kind = "own",
            name = _LEFT_OVER,
            reason = "third-party, of no distribution in the image",
            order = (_LEFT_OVER, "", 0),
        ))
    for file in left_over.files:
        remaining.pop(file)

    return struct(
        files = remaining.keys(),
        layers = within_budget(tier, {
            # By name: the same units make the same layer, whatever the order of dependencies.
            group: sorted(groups[group], key = lambda row: row.order)
            for group in tier.groups
            if group in groups
        }),
        root_symlinks = links.root_symlinks,
        symlinks = links.symlinks,
    )

def _links(runfiles, is_third_party, units):
    """The links of a runfiles tree: the binary's own, and those to what is not."""
    symlinks = runfiles.symlinks.to_list()
    root_symlinks = runfiles.root_symlinks.to_list()
    interpreter = {}
    if symlinks or root_symlinks:
        interpreter = {
            file: None
            for unit in units
            if unit.kind == "interpreter"
            for file in unit.files.to_list()
        }

    def is_own(entry):
        return entry.target_file not in interpreter and not is_third_party(entry.target_file)

    return struct(
        root_symlinks = [entry for entry in root_symlinks if is_own(entry)],
        symlinks = [entry for entry in symlinks if is_own(entry)],
        third_party_root_symlinks = [entry for entry in root_symlinks if not is_own(entry)],
        third_party_symlinks = [entry for entry in symlinks if not is_own(entry)],
    )

def _fragments(ctx, tier, mtime, unit, remaining):
    """Pairs of a cut and its fragment; their files leave `remaining`."""
    cuts = cuts_of(tier, unit.kind, unit.name, unit.label)
    shared = {fragment.key: fragment for fragment in unit.fragments}
    keys = [fragment_key(tier, cut, mtime) for cut in cuts]
    if all([key in shared for key in keys]):
        cut_files = [shared[key].files for key in keys]
    else:
        cut_files = files_of_cuts(tier, unit.name, unit.files, cuts)

    result = []
    for cut, key, files in zip(cuts, keys, cut_files):
        listed = files.to_list()
        present = [file for file in listed if file in remaining]
        for file in present:
            remaining.pop(file)
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
            manifest = files_manifest(ctx, tier, own, mtime),
            files = own,
        )))
    return result

def _file_name(label):
    return "_".join([
        part
        for part in [label.repo_name, label.package.replace("/", "_"), label.name.replace("/", "_")]
        if part
    ])

def _left_over_fragment(ctx, tier, mtime, left_over):
    manifest = new_manifest(ctx, owner = tier.owner, mtime = mtime)
    add_runfiles(
        manifest,
        layout_at(tier.root).runfiles,
        ctx.workspace_name,
        files = left_over.files,
        root_symlinks = left_over.root_symlinks,
        symlinks = left_over.symlinks,
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
            for entry in left_over.symlinks + left_over.root_symlinks
        ]),
    )
