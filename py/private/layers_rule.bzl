"""The rule behind py_image_layer: all layers of an image, in either layout."""

load("//layers:toolchain.bzl", "LAYER_TOOL")
load("//layers/private:layers_info.bzl", "layers_info")
load("//layers/private:plan.bzl", "plan_info", "validate_plan", "write_plan")
load("//layers/private:program.bzl", "RUN_ATTRS", "declare_program")
load("//py/private:attributes.bzl", "ATTRS", "read_settings")
load("//py/private:hub.bzl", "hub_of")
load("//py/private:image_layers.bzl", "classic_layers", "classic_layout")
load("//py/private:layer_tier.bzl", "DEFAULT")
load("//py/private:providers.bzl", "PyLayoutInfo")
load("//py/private:tiered_layers.bzl", "GROUPS", "read_tier", "tier_layout", "tier_output_groups", "tiered_layers")

visibility(["//py/..."])

def _py_image_layers_impl(ctx):
    settings = read_settings(ctx)
    if settings.classic:
        layers = classic_layers(ctx, settings)
        layout = classic_layout(ctx, settings.binaries[0])
        warnings = []
        groups = {GROUPS: depset([layers[group].tar for group in ctx.attr.layer_groups])}
    else:
        tier = read_tier(ctx, settings)
        layers, warnings = tiered_layers(ctx, settings, tier)
        layout = tier_layout(ctx, tier, settings.binaries[0])
        groups = tier_output_groups(tier, layers)

    tars = {name: layer.tar for name, layer in layers.items()}

    # As rules_py calls them.
    groups["deps"] = depset([tar for name, tar in tars.items() if name != DEFAULT])
    groups["sources"] = depset([tars[DEFAULT]])

    metadata = [layer.metadata for layer in layers.values()]
    plan = write_plan(
        ctx,
        layers = metadata,
        units = [unit for layer in layers.values() for unit in layer.units],
    )
    report = declare_program(ctx, {"--metadata": depset(metadata)})
    return [
        DefaultInfo(
            files = depset(tars.values()),
            executable = report.executable,
            runfiles = report.runfiles,
        ),
        # A layer that has one of the names is what that name means.
        OutputGroupInfo(**(groups | {name: depset([tar]) for name, tar in tars.items()} | {
            "metadata": depset(metadata),
            "mtree": depset([manifest for layer in layers.values() for manifest in layer.manifests]),
            "plan": depset([plan]),
            "_validation": depset([validate_plan(ctx, plan, also = warnings, hub = hub_of(settings.binaries))]),
        })),
        PyLayoutInfo(
            launcher = layout.launcher,
            own_folder = bool(ctx.attr.root and ctx.attr.own_folder and not ctx.attr.launcher),
            runfiles = layout.runfiles,
        ),
        layers_info(layers.values()),
        plan_info(ctx, plan, layers.values()),
    ]

py_image_layers = rule(
    implementation = _py_image_layers_impl,
    doc = "All layers of py_binary targets: see `py_image_layer`, its macro.",
    attrs = ATTRS | RUN_ATTRS,
    executable = True,
    toolchains = LAYER_TOOL,
)
