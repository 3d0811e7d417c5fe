"""Units, and the actions that compress each of them once."""

load(":fragment.bzl", "write_fragment")
load(":fragment_specs.bzl", "files_of_specs", "fragment_key", "fragment_specs")
load(":glob.bzl", "glob_of_path")
load(":layer.bzl", "list_tree_links")
load(":layout.bzl", "layout_at")
load(":manifest.bzl", "DEFAULT_MTIME", "add_runfiles", "new_manifest")
load(":tier.bzl", "form_of", "key_hash")
load(":unit_info.bzl", "shared_unit")

visibility(["//layers/...", "//py/..."])

def declare_fragment(ctx, *, stem, tier, unit, spec, key, files, links = True, mtime = DEFAULT_MTIME, manifest = None):
    """Declares a fragment below the package of the rule or the aspect.

    Args:
        ctx: the context of a rule or an aspect with `LAYER_TOOL`.
        stem: string, what the names of the outputs begin with.
        tier: `LayerTierInfo`.
        unit: string, name of the unit.
        spec: struct of `fragment_specs`.
        key: string of `fragment_key`.
        files: depset of File, all that the manifest names.
        links: as of `add_runfiles`.
        mtime: int.
        manifest: Args, or None: the files at their places in the runfiles.

    Returns:
        A struct for `SharedUnitInfo.fragments`.
    """
    stem = "{}.{}".format(stem, key_hash(key))
    trees = [file for file in files.to_list() if file.is_directory] if spec.tree_links == "keep" else []
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
        form = form_of(tier, spec.group),
        hard_links = tier.hard_links,
        exclude = ["{}/{}".format(glob_of_path(layout_at(tier.root).runfiles.lstrip("/")), glob) for glob in spec.exclude],
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

def declare_unit(ctx, *, tier, kind, name, files, links = True, version = ""):
    """A unit with the fragments that a tier and its variants want, each once.

    Args:
        ctx: the context of the unit's own rule, or of an aspect on its target.
        tier: `LayerTierInfo`, the one of `//layers:layer_tier`.
        kind: string.
        name: string.
        files: depset of File.
        links: as of `add_runfiles`.
        version: string.

    Returns:
        A `SharedUnitInfo`.
    """
    fragments = {}
    for variant in [tier] + tier.variants:
        specs = fragment_specs(variant, kind, name, ctx.label, files)
        missing = [spec for spec in specs if fragment_key(variant, spec) not in fragments]
        if not missing:
            continue
        for spec, spec_files in zip(specs, files_of_specs(variant, name, files, specs)):
            key = fragment_key(variant, spec)
            if key not in fragments:
                fragments[key] = declare_fragment(
                    ctx,
                    stem = ctx.label.name,
                    tier = variant,
                    unit = name,
                    spec = spec,
                    key = key,
                    files = spec_files,
                    links = links,
                )
    return shared_unit(
        files = files,
        fragments = tuple(fragments.values()),
        kind = kind,
        label = ctx.label,
        name = name,
        version = version,
    )
