"""Tests of tiers: what they refuse, and where the actions of an image are."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//py/private:layer_tier.bzl", "LayerTierInfo", "layer_tier")
load("//py/private:tiered_layers.bzl", "tiered_layers")
load(":image_layers_test.bzl", "action_inputs", "failure_tests", "output_groups_test")

# Attributes of a tier to the message that they are refused with.
_FAILURES = {
    "compression_form": ({"compression": {"*": ["zstd", "high"]}}, "attribute compression: [\"zstd\", \"high\"] for \"*\" is no compression and level; write e.g. [\"zstd\", \"3\"]"),
    "compression_group": ({"compression": {"sience": ["zstd"]}, "groups": {"@pip//numpy": "science"}}, "attribute compression: \"sience\" is no group of this tier; use one of \"*\", \"interpreter\", \"science\", \"packages\", \"default\""),
    "compression_level": ({"compression": {"*": ["gzip", "13"]}}, "attribute compression: 13 is out of range for gzip; use 0 to 12"),
    "compression_name": ({"compression": {"*": ["lz4"]}}, "attribute compression: \"lz4\" is no compression of an image layer"),
    "group": ({"group": "staff"}, "attribute group: \"staff\" is no number; write the id in digits"),
    "group_default": ({"groups": {"@pip//numpy": "default"}}, "attribute groups: \"default\" is the layer of what is in no group; rename the group"),
    "group_interpreter": ({"groups": {"@pip//numpy": "interpreter"}, "interpreter_group": "python"}, "attribute groups: \"interpreter\" is the layer of the interpreter, which interpreter_group calls \"python\"; rename the group"),
    "group_name": ({"groups": {"@pip//numpy": "a/b"}}, "attribute groups: \"a/b\" names no layer; use letters, digits"),
    "group_reserved": ({"groups": {"@pip//numpy": "mtree"}}, "attribute groups: \"mtree\" is an output group of its own; rename the group"),
    "key": ({"groups": {"numpy": "science"}}, "attribute groups: \"numpy\" is no key of a group; write a distribution (\"@pip//numpy\")"),
    "owner": ({"owner": "root"}, "attribute owner: \"root\" is no number; write the id in digits"),
    "root": ({"root": "/"}, "attribute root: \"/\" is no path of a launcher; write e.g. \"/app\""),
    "two_groups": ({"groups": {"@a//Charset_Normalizer": "x", "@b//charset-normalizer": "y"}}, "attribute groups: charset-normalizer is in two groups as a whole, \"x\" and \"y\"; keep one, or split it by globs"),
}

def _tier_info_test_impl(ctx):
    env = analysistest.begin(ctx)
    tier = analysistest.target_under_test(env)[LayerTierInfo]
    asserts.equals(env, {"*": "none", "texts": "zstd:3"}, tier.compressions)
    asserts.equals(env, ["python", "texts", "own", "packages"], tier.groups)
    asserts.equals(env, ["alpha"], tier.splits.keys())
    asserts.equals(env, "1000:1001", tier.owner)
    return analysistest.end(env)

tier_info_test = analysistest.make(_tier_info_test_impl)

def _own_actions_test_impl(ctx):
    """The image of a shared package compresses nothing but what is its own."""
    env = analysistest.begin(ctx)
    own = {}
    for action in analysistest.target_actions(env):
        if action.mnemonic.startswith("Image"):
            own.setdefault(action.mnemonic, []).append(action_inputs(action))
    asserts.equals(env, ctx.attr.actions, [mnemonic for mnemonic in sorted(own) for _ in own[mnemonic]])

    # Concatenations have fragments and sidecars, and no file of a package.
    for inputs in own["ImageConcat"]:
        for path in inputs:
            asserts.true(env, path.endswith((".part", ".part.json")), path)
    return analysistest.end(env)

own_actions_test = analysistest.make(
    _own_actions_test_impl,
    attrs = {"actions": attr.string_list()},
)

def _glob_failure(name):
    layer_tier(
        name = name + "_tier",
        groups = {"@pip//alpha:**/*.so": "objects"},
    )
    return failure_tests(name, tiered_layers, {
        "glob": (
            {"binary": ":everything", "layer_tier": name + "_tier"},
            "the glob \"**/*.so\" matches no file of alpha, e.g. \"alpha/",
        ),
    })

def tiers_test_suite(name):
    """Declares the tests.

    Args:
        name: name of the suite.
    """
    tier_info_test(
        name = name + "_info",
        target_under_test = ":tier",
    )

    # The fixture brings an interpreter of its own; the wheel's fragment is the wheel's.
    own_actions_test(
        name = name + "_own_actions",
        actions = ["ImageConcat", "ImageConcat", "ImageFragment", "ImageLayer"],
        target_under_test = ":everything_layers",
    )
    own_actions_test(
        name = name + "_own_actions_of_binary",
        actions = ["ImageConcat", "ImageConcat", "ImageLayer"],
        target_under_test = ":app_layers",
    )
    output_groups_test(
        name = name + "_output_groups",
        files = [
            "tiered_layers_python.tar",
            "tiered_layers_texts.tar.zst",
            "tiered_layers_own.tar",
            "tiered_layers_packages.tar",
            "tiered_layers_default.tar",
        ],
        groups = {
            "groups": ["tiered_layers_texts.tar.zst", "tiered_layers_own.tar"],
            "interpreter": ["tiered_layers_python.tar"],
            "python": ["tiered_layers_python.tar"],
        },
        target_under_test = ":tiered_layers",
    )
    native.test_suite(
        name = name,
        tests = [
            name + suffix
            for suffix in ["_info", "_output_groups", "_own_actions", "_own_actions_of_binary"]
        ] + failure_tests(name, layer_tier, _FAILURES) + _glob_failure(name),
    )
