"""The plan of a whole image: its base, its tars and its layers. Only reports and size tests run any of it."""

load("//layers:providers.bzl", "PlanInfo")
load("//layers/private:label_text.bzl", "label_text")
load("//layers/private:layer.bzl", "run_layer_tool")
load("//layers/private:names.bzl", "short_stem")
load("//layers/private:plan.bzl", "join_plans", "plan_info", "plan_unit", "write_plan")

visibility("//image/...")

def plan_base(ctx, *, files, folder, platform):
    """What the base of an image is made of: one action that reads its layers.

    Args:
        ctx: the context of a rule with `LAYER_TOOL`, and the attributes `base` and `base_tag`.
        files: list of Files, the base's.
        folder: Args, its folder.
        platform: string, that of the image.

    Returns:
        `PlanInfo`.
    """
    plan = ctx.actions.declare_file(short_stem(ctx.label.name) + ".base.plan.json")
    lists = ctx.actions.declare_file(short_stem(ctx.label.name) + ".base.files.json")
    outputs = ctx.actions.args()
    outputs.add(label_text(ctx.attr.base.label), format = "--name=%s")
    outputs.add("--platform", platform)
    if ctx.attr.base_tag:
        outputs.add("--tag", ctx.attr.base_tag)
    outputs.add("--plan", plan)
    outputs.add("--files", lists)
    run_layer_tool(
        ctx,
        arguments = ["base", folder, outputs],
        inputs = files,
        outputs = [plan, lists],
        mnemonic = "ImageBase",
        progress_message = "Listing the base of image %{label}",
    )
    return PlanInfo(files = depset([lists]), plans = depset([plan]))

def plan_tar(ctx, label, layer):
    """What a tar is made of: itself.

    Args:
        ctx: the context of a rule with `LAYER_TOOL`.
        label: Label of the tar's target.
        layer: struct of the Files `tar` and `metadata`.

    Returns:
        `PlanInfo`.
    """
    unit = plan_unit(
        kind = "layer",
        name = label_text(label),
        reason = "a tar in layers",
        sidecar = layer.metadata,
    )
    name = layer.metadata.basename.removesuffix(".metadata.json")
    of_tar = struct(name = layer.tar.basename, fragments = [unit], metadata = layer.metadata, why = "")
    return plan_info(ctx, write_plan(ctx, [of_tar], name), [layer])

def plan_image(ctx, infos):
    """What an image is made of, as one plan.

    Args:
        ctx: the context of a rule with `LAYER_TOOL`.
        infos: list of `PlanInfo` of one plan each, lowest layers first.

    Returns:
        `PlanInfo`.
    """
    return PlanInfo(
        files = depset(transitive = [info.files for info in infos]),
        plans = depset([join_plans(ctx, [info.plans for info in infos])]),
    )
