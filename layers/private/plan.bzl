"""The plan of an image, and the checks that read it."""

load("//layers:providers.bzl", "LayersInfo", "PlanInfo")
load(":compression.bzl", "media_type")
load(":label_text.bzl", "label_text")
load(":layer.bzl", "run_layer_tool")
load(":names.bzl", "short_stem")
load(":platform_transition.bzl", "platform_transition")
load(":target_machine.bzl", "TargetMachineInfo")

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

# Image stores mount each layer of an image, and take no more.
MAX_LAYERS = 127

# MiB, more than a layer has.
_NO_THRESHOLD = 1000000000

PLAN_ATTRS = {
    "other_machines": attr.string(
        doc = "`error` or `warning`: what there is for a file for another machine than the target platform; empty: an error with `platform`, else a warning.",
        values = ["", "error", "warning"],
    ),
    "warn_layer_count": attr.int(doc = "Number of layers from which on there is a warning.", default = 90),
    "_target_machine": attr.label(
        default = "//layers/private:target_machine",
        cfg = platform_transition,
        providers = [TargetMachineInfo],
    ),
}

# Beside these, of a rule whose layer `packages` a `layer_tier` can divide: that is what the warning suggests.
PACKAGES_ATTRS = {
    "warn_remote_cache_threshold_mb": attr.int(doc = "Size in MiB of the layer of packages in no group, above which there is a warning.", default = 200),
}

def layers_info(layers):
    """The provider for layers that were written.

    Args:
        layers: list of structs of `write_layer` or `concat_layer`, lowest first.

    Returns:
        `LayersInfo`.
    """
    return LayersInfo(layers = tuple([
        struct(tar = layer.tar, metadata = layer.metadata, media_type = media_type(layer.tar))
        for layer in layers
    ]))

def plan_info(ctx, plan, layers):
    """The provider of one image, with the actions that list files.

    Args:
        ctx: the context of a rule with `LAYER_TOOL`.
        plan: File of `write_plan`.
        layers: list of structs of `write_layer` or `concat_layer`.

    Returns:
        `PlanInfo`.
    """
    return PlanInfo(
        files = depset([_list_files(ctx, layer) for layer in layers]),
        plans = depset([plan]),
    )

def _list_files(ctx, layer):
    files = ctx.actions.declare_file(layer.metadata.basename.removesuffix(".metadata.json") + ".files.json")
    args = ctx.actions.args()
    args.add("files", layer.tar)
    args.add("--output", files)
    run_layer_tool(
        ctx,
        arguments = [args],
        inputs = [layer.tar],
        outputs = [files],
        mnemonic = "ImageFiles",
        progress_message = "Listing the files of image layer %{input}",
        execution_requirements = {"supports-path-mapping": ""},
    )
    return files

def plan_unit(*, kind, name, reason, sidecar):
    """What is a unit of a plan and no fragment.

    Args:
        kind: string, as all that follows as docs/formats.md has it.
        name: string.
        reason: string.
        sidecar: File.

    Returns:
        A struct of the fields that `write_plan` reads of a fragment.
    """
    return struct(
        compressed = struct(sidecar = sidecar),
        spec = struct(reason = reason),
        unit = struct(kind = kind, name = name),
    )

def _units(layer):
    """When the action runs: images keep no text of units, which have many."""
    return [
        json.encode(struct(
            group = layer.name,
            kind = fragment.unit.kind,
            name = fragment.unit.name,
            reason = fragment.spec.reason + layer.why,
            sidecar = fragment.compressed.sidecar.path,
        ))
        for fragment in layer.fragments
    ]

def write_plan(ctx, layers, name = None):
    """Declares the plan of an image and its action.

    Args:
        ctx: the context of a rule with `LAYER_TOOL`.
        layers: list of structs, each layer in the order of the image: the string `name`, the File
            `metadata`, the list `fragments` (of `assemble` or `plan_unit`), and the string `why`, which
            ends the reason of each.
        name: string, prefix of the file's name. Default: that of the target.

    Returns:
        File, JSON.
    """
    args = ctx.actions.args()
    metadata = [layer.metadata for layer in layers]
    args.add_all(metadata, before_each = "--layer")
    args.add_all(layers, map_each = _units, before_each = "--unit")
    return _plan(ctx, name or ctx.label.name, args, depset(metadata + [fragment.compressed.sidecar for layer in layers for fragment in layer.fragments]))

def join_plans(ctx, plans):
    """Declares the plan of an image that has the layers of several plans, and its action.

    Args:
        ctx: the context of a rule with `LAYER_TOOL`.
        plans: list of depsets of one File each, lowest layers first.

    Returns:
        File, JSON.
    """
    args = ctx.actions.args()
    for plan in plans:
        args.add_all(plan, before_each = "--plan")
    return _plan(ctx, ctx.label.name, args, depset(transitive = plans))

def _plan(ctx, name, of, inputs):
    plan = ctx.actions.declare_file(short_stem(name) + ".plan.json")
    args = ctx.actions.args()
    args.add("plan")
    args.add(label_text(ctx.label), format = "--name=%s")
    args.add("--output", plan)
    of.use_param_file("--params=%s")
    of.set_param_file_format("multiline")
    run_layer_tool(
        ctx,
        arguments = [args, of],
        inputs = inputs,
        outputs = [plan],
        mnemonic = "ImagePlan",
        progress_message = "Planning image %{label}",
        execution_requirements = {"supports-path-mapping": ""},
    )
    return plan

def _read_number(ctx, attribute):
    value = getattr(ctx.attr, attribute)
    if value < 0:
        fail("attribute {}: {} is negative; give 0 or more".format(attribute, value))
    return value

def validate_plan(ctx, plan, also = [], hub = None):
    """Declares the checks of an image and their action.

    Args:
        ctx: the context of a rule with `PLAN_ATTRS` and `LAYER_TOOL`, and `PACKAGES_ATTRS` or none of these.
        plan: File of `write_plan`.
        also: list of string, warnings of what analysis found.
        hub: struct of `info` and the function `of` it that gives the name of the hub in keys that a warning
            suggests, or None. It runs with the action.

    Returns:
        File for the output group `_validation`: the warnings.
    """
    threshold = _NO_THRESHOLD
    if hasattr(ctx.attr, "warn_remote_cache_threshold_mb"):
        threshold = _read_number(ctx, "warn_remote_cache_threshold_mb")

    # A transition makes a list of an attribute.
    machine = ctx.attr._target_machine[0][TargetMachineInfo].machine

    warnings = ctx.actions.declare_file(short_stem(ctx.label.name) + ".warnings")
    args = ctx.actions.args()
    args.add("validate")
    args.add("--plan", plan)
    args.add("--output", warnings)
    args.add("--warn-layer-count", _read_number(ctx, "warn_layer_count"))
    args.add("--warn-remote-cache-threshold-mb", threshold)
    args.add("--other-machines", ctx.attr.other_machines or ("error" if ctx.attr.platform else "warning"))
    if machine:
        args.add("--machine", machine)
    if hub:
        args.add_all([hub.info], map_each = hub.of, before_each = "--hub")
    args.add_all(also, before_each = "--warning")
    run_layer_tool(
        ctx,
        arguments = [args],
        inputs = [plan],
        outputs = [warnings],
        mnemonic = "ImageValidate",
        progress_message = "Checking image %{label}",
        execution_requirements = {"supports-path-mapping": ""},
    )
    return warnings

def check_layer_count(attribute, count):
    """Fails for more layers than an image can have.

    Args:
        attribute: string, the attribute to name in an error: that which says what layers there are.
        count: int.
    """
    if count > MAX_LAYERS:
        fail("attribute {}: the image has {} layers, and image stores take {} at most, those of the base included; put more into one group".format(attribute, count, MAX_LAYERS))
