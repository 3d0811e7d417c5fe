"""The rule behind py_image_layer: all layers of an image, in either layout."""

load("//layers:toolchain.bzl", "LAYER_TOOL")
load("//layers/private:layers_rule.bzl", "layers_providers", "layout_info")
load("//layers/private:tiered_layers.bzl", "GROUPS", "read_tier", "tier_layout", "tier_output_groups", "tiered_layers")
load("//layers/private:unit_info.bzl", "UnitsInfo")
load("//py/private:attributes.bzl", "ATTRS", "is_classic", "read_settings")
load("//py/private:hub.bzl", "hub_of")
load("//py/private:image_layers.bzl", "classic_layers", "classic_layout")
load("//py/private:providers.bzl", "PyInterpreterInfo")

visibility("//py/...")

def _interpreters(binaries):
    units = [binary[PyInterpreterInfo].unit for binary in binaries]
    return depset([unit for unit in units if unit]).to_list()

def _py_image_layers_impl(ctx):
    settings = read_settings(ctx)
    binaries = settings.binaries
    if is_classic(ctx):
        layers = classic_layers(ctx, settings)
        layout = classic_layout(ctx, binaries[0])
        warnings = []
        output_groups = {GROUPS: depset([layers[group].tar for group in ctx.attr.layer_groups])}
    else:
        tier = read_tier(ctx, settings)
        layers, warnings = tiered_layers(ctx, settings, tier, interpreters = _interpreters(binaries))
        layout = tier_layout(ctx, tier, binaries[0])
        output_groups = tier_output_groups(tier, layers)
    units = struct(units = depset(transitive = [binary[UnitsInfo].units for binary in binaries]))
    return layers_providers(ctx, layers, hub = struct(info = units, of = hub_of), output_groups = output_groups, warnings = warnings) + [
        layout_info(
            ctx,
            binaries[0],
            launcher = layout.launcher,
            own_folder = bool(ctx.attr.root and ctx.attr.own_folder and not ctx.attr.launcher),
            python = binaries[0][PyInterpreterInfo].interpreter,
            runfiles = layout.runfiles,
        ),
    ]

py_image_layers = rule(
    implementation = _py_image_layers_impl,
    doc = "All layers of py_binary targets: see `py_image_layer`, its macro.",
    attrs = ATTRS,
    executable = True,
    toolchains = LAYER_TOOL,
)
