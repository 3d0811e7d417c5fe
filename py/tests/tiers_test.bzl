"""Tests of tiers: what they refuse, and where the actions of an image are."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//layers/private:layer_tier.bzl", "layer_tier")
load("//layers/private:layer_tier_info.bzl", "LayerTierInfo")
load("//layers/testing:actions.bzl", "action_inputs")
load("//layers/testing:failure.bzl", "failure_tests")
load("//layers/testing:output_groups.bzl", "output_groups_test")
load("//py/private:layers_rule.bzl", "py_image_layers")
load(":fixture_binary.bzl", "fixture_binary")

# Attributes of a tier to the message that they are refused with.
_FAILURES = {
    "compression_form": ({"compression": {"*": ["zstd", "high"]}}, "attribute compression: [\"zstd\", \"high\"] for \"*\" is not a compression and level; write e.g. [\"zstd\", \"3\"]"),
    "compression_group": ({"compression": {"sience": ["zstd"]}, "groups": {"@pip//numpy": "science"}}, "attribute compression: \"sience\" is not a group of this tier; use one of \"*\", \"interpreter\", \"science\", \"packages\", \"default\""),
    "compression_level": ({"compression": {"*": ["gzip", "13"]}}, "attribute compression: 13 is out of range for gzip; use 0 to 12"),
    "compression_name": ({"compression": {"*": ["lz4"]}}, "attribute compression: \"lz4\" is not a compression of an image layer"),
    "budget": ({"layer_budget": -1}, "attribute layer_budget: -1 is not a number of layers; write e.g. 20, or 0"),
    "exclude": ({"exclude": ["/app/**"]}, "attribute exclude: \"/app/**\" is not a glob on a path below the runfiles; write e.g."),
    "exclude_glob": ({"exclude": ["**/tests/[a"]}, "attribute exclude: \"**/tests/[a\" is not a glob: it has a `[` after **/tests/ that nothing closes"),
    "group": ({"group": "staff"}, "attribute group: \"staff\" is not a valid id; write digits"),
    "group_default": ({"groups": {"@pip//numpy": "default"}}, "attribute groups: \"default\" is the layer of what is in no group; rename the group"),
    "group_interpreter": ({"groups": {"@pip//numpy": "interpreter"}, "interpreter_group": "python"}, "attribute groups: \"interpreter\" is the layer of the interpreter, which interpreter_group calls \"python\"; rename the group"),
    "group_name": ({"groups": {"@pip//numpy": "a/b"}}, "attribute groups: \"a/b\" cannot be the name of a layer; use letters, digits"),
    "group_reserved": ({"groups": {"@pip//numpy": "mtree"}}, "attribute groups: \"mtree\" is an output group of its own; rename the group"),
    "key": ({"groups": {"num py": "science"}}, "attribute groups: \"num py\" is not a key of a group; write a package (\"@pip//numpy\", \"react\""),
    "key_glob": ({"groups": {"@pip//torch:**/[a.so": "x"}}, "attribute groups: \"@pip//torch:**/[a.so\" is not a key of a group: \"**/[a.so\" is not a glob: it has a `[` after **/ that nothing closes"),
    "owner_of_no_system": ({"owner": "4294967295"}, "attribute owner: \"4294967295\" is not a valid id; write digits, e.g. \"1000\", 4294967294 at most"),
    "owner": ({"owner": "root"}, "attribute owner: \"root\" is not a valid id; write digits"),
    "root": ({"root": "/"}, "attribute root: \"/\" cannot be the path of a launcher; write e.g. \"/app\""),
    "strip_prefix": ({"strip_prefix": "/services"}, "attribute strip_prefix: \"/services\" is not a path in the repository; write e.g. \"services\""),
    "two_groups": ({"groups": {"@a//Charset_Normalizer": "x", "@b//charset-normalizer": "y"}}, "attribute groups: charset-normalizer is in two groups as a whole, \"x\" and \"y\"; keep one, or split it with globs"),
}

def _tier_info_test_impl(ctx):
    env = analysistest.begin(ctx)
    tier = analysistest.target_under_test(env)[LayerTierInfo]
    asserts.equals(env, {"*": "none", "texts": "zstd:3"}, tier.compressions)
    asserts.equals(env, ["python", "texts", "own", "packages"], tier.groups)
    asserts.equals(env, ["alpha"], [name for name, keys in tier.packages.items() if [key for key in keys if key.glob]])
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
    for inputs in own["ImageConcat"] + own["ImageDescribe"]:
        for path in inputs:
            asserts.true(env, path.endswith((".part", ".part.json")), path)
    return analysistest.end(env)

own_actions_test = analysistest.make(
    _own_actions_test_impl,
    attrs = {"actions": attr.string_list()},
)

# In a tier whose paths go by the CPU that it is read for.
own_actions_of_cpu_test = analysistest.make(
    _own_actions_test_impl,
    attrs = {"actions": attr.string_list()},
    config_settings = {str(Label("//py:layer_tier")): str(Label("//py/tests:tier_of_cpu"))},
)

def _image_failures(name):
    layer_tier(
        name = name + "_tier",
        groups = {"@pip//alpha:**/*.so": "objects"},
    )
    layer_tier(
        name = name + "_budget_tier",
        layer_budget = 2,
    )

    # A group without files makes no layer.
    parts = ["{}_part{}".format(name, number) for number in range(127)]
    for part in parts:
        native.genrule(
            name = part,
            testonly = True,
            outs = [part + ".txt"],
            cmd = "echo >$@",
            tags = ["manual"],
        )
    fixture_binary(
        name = name + "_of_parts",
        testonly = True,
        data = parts,
        symlink_target = "target.txt",
        tags = ["manual"],
    )
    layer_tier(
        name = name + "_large_tier",
        groups = {"//py/tests:" + part: part for part in parts},
    )
    return failure_tests(name, py_image_layers, {
        "budget_of_image": (
            {"binaries": [":everything"], "layer_tier": name + "_budget_tier"},
            "_budget_tier: 2 is less than the 3 layers of this image, \"interpreter\", \"packages\" and \"default\"; raise it, or merge groups",
        ),
        "layers_of_image": (
            {"binary": name + "_of_parts", "layer_tier": name + "_large_tier"},
            "attribute layer_tier: the image has 128 layers, and image stores take 127 at most, those of the base included; put more into one group",
        ),
        "execution_requirements": (
            {"binaries": [":everything"], "group_execution_requirements": {"objects": ["no-remote"]}, "layer_tier": ":tier"},
            "attribute group_execution_requirements: \"objects\" is not a layer of this image; use one of \"python\", \"texts\", \"own\", \"packages\", \"default\"",
        ),
        "glob": (
            {"binaries": [":everything"], "layer_tier": name + "_tier"},
            "the glob \"**/*.so\" matches no file of alpha, e.g. \"alpha/",
        ),
        "group_of_image": (
            {"binaries": [":everything"], "groups": {":target.txt": "own"}, "layer_tier": ":tier"},
            "has the group \"own\", which @@//py/tests:tier has, too; rename it",
        ),
        "group_of_nothing": (
            {"binary": ":everything", "groups": {":target.txt": "texts"}},
            "attribute groups: //py/tests:target.txt moves no files: the image does not need it",
        ),
        "launchers": (
            {"binaries": [":everything", "//py/tests/other:everything"], "launcher_dir": "/bin"},
            "attribute binaries: two launchers are at /bin/everything, one of them that of",
        ),
        "launchers_at_root": (
            {"binaries": [":everything", "//py/tests/other:everything"], "launcher_dir": "/"},
            "attribute binaries: two launchers are at /everything, one of them that of",
        ),
        "compress_levels": (
            {"binary": ":everything", "group_compress_levels": {"objects": "9"}, "layer_tier": ":tier"},
            "attribute group_compress_levels: \"objects\" is not a layer of this image; use one of \"python\"",
        ),
        "level_of_none": (
            {"binary": ":everything", "group_compress_levels": {"own": "9"}, "layer_tier": ":tier"},
            "attribute group_compress_levels: compression \"none\" has no level; leave it out",
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
        actions = 2 * ["ImageConcat"] + 2 * ["ImageDescribe"] + 3 * ["ImageFiles"] + ["ImageFragment", "ImageLayer", "ImagePlan", "ImageTreeLinks", "ImageValidate"],
        target_under_test = ":everything_layers",
    )
    for test, target in {
        own_actions_of_cpu_test: "platform",
        own_actions_test: "foreign",
    }.items():
        test(
            name = "{}_{}".format(name, target),
            actions = 2 * ["ImageConcat"] + 2 * ["ImageDescribe"] + 3 * ["ImageFiles"] + ["ImageFragment", "ImageLayer", "ImagePlan", "ImageTreeLinks", "ImageValidate"],
            target_under_test = ":{}_layers".format(target),
        )
    own_actions_test(
        name = name + "_own_actions_of_binary",
        actions = 2 * ["ImageConcat"] + 2 * ["ImageDescribe"] + 3 * ["ImageFiles"] + ["ImageLayer", "ImagePlan", "ImageValidate"],
        target_under_test = ":app_layers",
    )

    # The merged folder and the link below the wheel are the image's own; the wheels are not, nor is
    # the interpreter, which is that of the venv's toolchain.
    own_actions_test(
        name = name + "_own_actions_of_wheels",
        actions = 2 * ["ImageConcat"] + 2 * ["ImageDescribe"] + 3 * ["ImageFiles"] + ["ImageFragment", "ImageLayer", "ImagePlan", "ImageTreeLinks", "ImageValidate"],
        target_under_test = ":default_wheels_layers",
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
            "deps": [
                "tiered_layers_python.tar",
                "tiered_layers_texts.tar.zst",
                "tiered_layers_own.tar",
                "tiered_layers_packages.tar",
            ],
            "groups": ["tiered_layers_texts.tar.zst", "tiered_layers_own.tar"],
            "interpreter": ["tiered_layers_python.tar"],
            "plan": ["tiered_layers.plan.json"],
            "python": ["tiered_layers_python.tar"],
            "sources": ["tiered_layers_default.tar"],
            "_validation": ["tiered_layers.warnings"],
        },
        target_under_test = ":tiered_layers",
    )
    native.test_suite(
        name = name,
        tests = [
            name + suffix
            for suffix in ["_foreign", "_info", "_platform", "_output_groups", "_own_actions", "_own_actions_of_binary", "_own_actions_of_wheels"]
        ] + failure_tests(name, layer_tier, _FAILURES) + _image_failures(name),
    )
