"""Actions that run layer_tool on fragments: a unit compressed once, for many layers."""

load(":compression.bzl", "COMPRESSIONS", "parse_form")
load(":layer.bzl", "MAX_CPUS", "NO_SANDBOX", "mapped_or_no_sandbox", "resources", "run_layer_tool")
load(":names.bzl", "short_stem")

visibility(["//js/...", "//layers/...", "//py/..."])

def _add_form(args, form):
    compression, level = parse_form(form)
    args.add("--compress", compression)
    if level != None:
        args.add("--level", level)
    args.add("--threads", MAX_CPUS)

def write_fragment(ctx, *, stem, unit, inputs, form, manifest = None, exclude = [], hard_links = True, slice_below = None, split = None, tree_links = None):
    """Declares a fragment and the action that compresses it.

    Args:
        ctx: the context of a rule or an aspect with `LAYER_TOOL`.
        stem: string, what the names of the outputs begin with.
        unit: string, what is compressed, for people.
        manifest: Args of `new_manifest`; None: what `split` says is all.
        inputs: depset of the Files that the manifests name.
        form: string of `compression_form`.
        exclude: list of string, globs on the path in the image of what is left out.
        hard_links: bool, whether identical files are hard links; those of a slice never are.
        slice_below: string or None: for a slice of a layer by path, the folder up to which
            earlier slices have all folders; `/` for the first one.
        split: struct of `split_manifest`, or None: what else is in the fragment.
        tree_links: File of `list_tree_links`, or None.

    Returns:
        A struct with the Files `part` and `sidecar`.
    """
    stem = short_stem(stem)
    part = ctx.actions.declare_file(stem + ".part")
    sidecar = ctx.actions.declare_file(stem + ".part.json")

    args = ctx.actions.args()
    args.add("layer")
    args.add("--fragment")
    args.add("--output", part)
    args.add("--metadata", sidecar)
    _add_form(args, form)
    args.add_all(exclude, before_each = "--exclude")
    if not hard_links:
        args.add("--no-hard-links")
    if slice_below != None:
        args.add("--slice-below", slice_below)

    files = [tree_links] if tree_links else []
    if split:
        files.append(split.manifest)
    args.add_all(files, before_each = "--manifest")
    if manifest:
        manifest.use_param_file("--manifest=%s", use_always = True)
    run_layer_tool(
        ctx,
        arguments = [args, manifest] if manifest else [args],
        inputs = depset(files + ([split.unused] if split else []), transitive = [inputs]),
        outputs = [part, sidecar],
        unused_inputs_list = split.unused if split else None,
        mnemonic = "ImageFragment",
        resource_set = resources,
        progress_message = "Compressing {} for image layers".format(unit),
        # A manifest from another action names unmapped paths.
        execution_requirements = NO_SANDBOX if split else mapped_or_no_sandbox(ctx),
    )
    return struct(part = part, sidecar = sidecar)

def concat_layer(ctx, *, layer, fragments, form, execution_requirements = {}):
    """Declares a layer of fragments and the actions that put them together.

    The tar and its metadata are of two actions: those who push images by other rules need no
    diffID, and those who ask for an image's digest no tar.

    Args:
        ctx: the context of a rule with `LAYER_TOOL`.
        layer: string, name of the layer.
        fragments: list of structs of `write_fragment`, in the order of the layer.
        form: string of `compression_form`, that of all the fragments.
        execution_requirements: dict of string, more of the action.

    Returns:
        A struct with the Files `tar` and `metadata`.
    """
    compression, _ = parse_form(form)
    stem = short_stem("{}_{}".format(ctx.label.name, layer))
    tar = ctx.actions.declare_file(stem + COMPRESSIONS[compression].extension)
    metadata = ctx.actions.declare_file(stem + ".metadata.json")

    parts = [fragment.part for fragment in fragments]
    sidecars = [fragment.sidecar for fragment in fragments]
    inputs = depset(parts + sidecars)
    args = ctx.actions.args()
    args.use_param_file("--params=%s")
    args.set_param_file_format("multiline")
    args.add(layer, format = "--name=%s")
    _add_form(args, form)
    args.add_all(parts, before_each = "--fragment")
    args.add_all(sidecars, before_each = "--sidecar")
    for mnemonic, flag, output, doing in [
        ("ImageConcat", "--output", tar, "Putting together"),
        ("ImageDescribe", "--metadata", metadata, "Describing"),
    ]:
        command = ctx.actions.args()
        command.add("concat")
        command.add(flag, output)
        run_layer_tool(
            ctx,
            arguments = [command, args],
            inputs = inputs,
            outputs = [output],
            mnemonic = mnemonic,
            resource_set = resources,
            progress_message = doing + " image layer %{label} (" + layer + ")",
            execution_requirements = {"supports-path-mapping": ""} | execution_requirements,
        )
    return struct(tar = tar, metadata = metadata)
