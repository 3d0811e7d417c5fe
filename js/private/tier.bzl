"""js_layer_tier: a `layer_tier` with the names and the layout that images of JavaScript have."""

load("//layers/private:layer_tier.bzl", "tier_rule")
load("//layers/private:layer_tier_info.bzl", "LayerTierInfo", "no_tier_info", "with_changes")
load("//layers/private:tier_style.bzl", "own_layers", "tier_style")
load("//layers/private:units_aspect.bzl", "new_units_aspect")
load(":layer_groups.bzl", "NODE", "PACKAGES")

visibility(["//js/..."])

MTIME = 0
LINK_MODE = "0775"

STYLE = tier_style(
    compresses_own = False,
    flag = "//js:layer_tier",
    interpreter = NODE,
    keeps_packages = True,
    # As rules_js has them.
    modes = "mode=0555 dmode=0755 lmode=" + LINK_MODE,
    mtime = MTIME,
    own = {NODE: "the layer of Node.js"} | {
        group: "a layer of each image's own"
        for group in ["package_store_1p", "node_modules", "app"]
    },
    packages = PACKAGES,
    store = "/npm_packages",
)

js_layer_tier = tier_rule(STYLE, """Says which layers npm packages are in, where they are, and how they are compressed.

```starlark
load("@rules_image_layers//js:defs.bzl", "js_layer_tier")

js_layer_tier(
    name = "tier",
    compression = {"aws": ["zstd", "19"]},
    groups = {
        "@aws-sdk/*": "aws",
        "@smithy/*": "aws",
        "react*": "react",
        "typescript:lib/**": "typescript",
        "//config/...": "config",
    },
    node = "@rules_nodejs//nodejs:current_node_runtime",
)
```

It is [`layer_tier`](py.md#layer_tier) with other defaults. The layer of the interpreter is `node`, and
that of packages in no group is `package_store_3p`. The other layers belong to one image each, which also
says how they are compressed. You can use a `layer_tier` instead, for example to have one tier for images
of several languages.

To use it for all images, put `common --@rules_image_layers//js:layer_tier=//:tier` into `.bazelrc`. To
use it for one image, write `js_image_layer(layer_tier = "//:tier")`. See the
[guide](../javascript.md#tiers). The target provides `JsLayerTierInfo`, which is `LayerTierInfo`.
""", without = ["root", "strip_prefix"])

def _no_layer_tier_impl(_):
    return [no_tier_info()]

no_layer_tier = rule(
    implementation = _no_layer_tier_impl,
    doc = "Everything stands where rules_js has it.",
    provides = [LayerTierInfo],
)

def js_tier(tier):
    """What a tier of any language is for images of JavaScript.

    Args:
        tier: `LayerTierInfo`.

    Returns:
        A `LayerTierInfo` with the names and the layout of `js_layer_tier`.
    """
    if tier.label == None or tier.packages_group == PACKAGES:
        return tier
    names = {tier.interpreter_group: NODE, tier.packages_group: PACKAGES}
    return with_changes(tier, {
        "compressions": {names.get(group, group): form for group, form in tier.compressions.items()},
        "groups": [names.get(group, group) for group in tier.groups],
        "interpreter_group": NODE,
        "modes": STYLE.modes,
        "mtime": STYLE.mtime,
        "own_layers": own_layers(STYLE),
        "packages_group": PACKAGES,
        "store": tier.store or STYLE.store,
        "variants": [js_tier(variant) for variant in tier.variants],
    })

js_units_aspect = new_units_aspect(Label("//js:layer_tier"), js_tier)
