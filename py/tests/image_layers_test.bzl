"""Analysis tests: what the actions of an image have as inputs, and what is refused."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts", "unittest")
load("//layers/testing:actions.bzl", "action_inputs")
load("//layers/testing:expressions.bzl", "checked_test")
load("//layers/testing:failure.bzl", "failure_tests")
load("//layers/testing:output_groups.bzl", "output_groups_test")
load("//py/private:layers_rule.bzl", "py_image_layers")

def _layer_of(action):
    return [word for word in action.argv if word.startswith("--name=")][0].removeprefix("--name=")

def _inputs_test_impl(ctx):
    env = analysistest.begin(ctx)
    layers = {
        _layer_of(action): action_inputs(action)
        for action in analysistest.target_actions(env)
        if action.mnemonic == "ImageLayer"
    }
    asserts.equals(env, ["interpreter", "packages", "default"], layers.keys())
    for layer, expected in {
        "interpreter": ctx.attr.interpreter,
        "packages": ctx.attr.packages,
        "default": ctx.attr.default,
    }.items():
        actual = [_without_repository_prefix(path) for path in layers[layer]]
        asserts.equals(env, sorted(expected), sorted(actual), "inputs of " + layer)
    return analysistest.end(env)

def _without_repository_prefix(path):
    """`../MANGLED~test_wheel/x` as `@test_wheel/x`: canonical names vary with Bazel."""
    if not path.startswith("../"):
        return path
    repository, _, rest = path[len("../"):].partition("/")
    return "@" + repository.replace("+", "~").split("~")[-1] + "/" + rest

inputs_test = analysistest.make(
    _inputs_test_impl,
    attrs = {
        "default": attr.string_list(),
        "interpreter": attr.string_list(),
        "packages": attr.string_list(),
    },
)

def _hermetic_test_impl(ctx):
    """No action runs a program other than the toolchain's, and none a shell."""
    env = analysistest.begin(ctx)
    spawned = [action for action in analysistest.target_actions(env) if action.argv]
    for action in spawned:
        asserts.true(env, action.argv[0].endswith("/layer_tool"), "{} runs {}".format(action.mnemonic, action.argv[0]))
    asserts.equals(
        env,
        ctx.attr.mnemonics,
        {mnemonic: None for mnemonic in sorted([action.mnemonic for action in spawned])}.keys(),
    )
    return analysistest.end(env)

hermetic_test = analysistest.make(
    _hermetic_test_impl,
    attrs = {"mnemonics": attr.string_list()},
)

oci_tars = rule(
    implementation = lambda ctx: [DefaultInfo(files = depset(ctx.files.tars))],
    doc = "Takes layers as oci_image of rules_oci does, which refuses a target without a tar.",
    attrs = {"tars": attr.label_list(allow_files = [".tar", ".tar.gz", ".tar.zst"])},
)

def _manual_test_impl(ctx):
    """Who builds all targets writes no layers."""
    env = unittest.begin(ctx)
    asserts.equals(env, [], ctx.attr.built)
    return unittest.end(env)

manual_test = unittest.make(_manual_test_impl, attrs = {"built": attr.string_list()})

def _image_layers(**attributes):
    py_image_layers(**(({} if "binaries" in attributes else {"binary": ":everything"}) | attributes))

# Attributes of the rule to the message that they are refused with.
_FAILURES = {
    "binaries_and_binary": ({"binaries": [":everything"], "binary": ":odd"}, "attribute binary: give a py_binary as `binary` (or `py_binary`), or several as `binaries`"),
    "binaries_of_root": ({"binaries": [":everything"], "root": "/"}, "attribute binaries: it works only with the layout of a tier; leave out root"),
    "binary": ({"binary": "@test_wheel//:pkg"}, "is not executable; give a py_binary"),
    "compress": ({"compress": "lz4"}, "attribute compress: \"lz4\" is not a compression of an image layer; use one of \"gzip\", \"none\", \"zstd\""),
    "compute_unused_inputs": ({"compute_unused_inputs": 2}, "attribute compute_unused_inputs: 2 is not -1, 0 or 1; leave it out"),
    "cpu": ({"group_execution_requirements": {"default": ["cpu=two"]}}, "attribute group_execution_requirements: \"cpu=two\" is not an amount of cpu; write e.g. \"cpu=2\""),
    "group": ({"group": "staff"}, "attribute group: \"staff\" is not a valid id; write digits"),
    "group_compress_levels": ({"group_compress_levels": {"default": "high"}}, "attribute group_compress_levels: \"high\" for \"default\" is not a level; write e.g. \"6\""),
    "group_of_owner": ({"group": "1", "owner": "1:1"}, "attribute group: \"1\" is given twice, because owner = \"1:1\" has a group, too; leave out one of the two"),
    "gzip_level": ({"compress_level": 13}, "attribute compress_level: 13 is out of range for gzip; use 0 to 12"),
    "layer_groups_default": ({"layer_groups": {"packages": "x"}}, "attribute layer_groups: \"packages\" is a default group, so two layers would have that name; rename the group"),
    "layer_groups_name": ({"layer_groups": {"a/b": "x"}}, "attribute layer_groups: \"a/b\" cannot be the name of a layer; use letters, digits"),
    "layer_groups_count": ({"layer_groups": {"group%d" % number: "x" for number in range(125)}}, "attribute layer_groups: the image has 128 layers, and image stores take 127 at most"),
    "layer_groups_deps": ({"layer_groups": {"deps": "x"}}, "attribute layer_groups: \"deps\" is an output group of its own; rename the group"),
    "layer_groups_expression": ({"layer_groups": {"a": "b[c"}}, "attribute layer_groups: \"b[c\" for \"a\" is not a regular expression: it has a `[` after b that nothing closes"),
    "layer_groups_reserved": ({"layer_groups": {"plan": "x"}}, "attribute layer_groups: \"plan\" is an output group of its own; rename the group"),
    "layer_tier_and_root": ({"layer_tier": ":tier", "root": "/"}, "py/tests:tier has its own layout and groups; leave out root"),
    "no_requirement": ({"group_execution_requirements": {"default": ["=2"]}}, "attribute group_execution_requirements: \"=2\" is not an execution requirement; write \"NAME\" or \"NAME=VALUE\""),
    "group_execution_requirements": ({"group_execution_requirements": {"defualt": ["no-remote"]}, "root": "/"}, "attribute group_execution_requirements: \"defualt\" is not a layer of this image; use one of \"interpreter\", \"packages\", \"default\""),
    "none_level": ({"compress": "none", "compress_level": 1}, "attribute compress_level: compression \"none\" has no level"),
    "owner_of_no_system": ({"owner": "4294967295:0"}, "attribute owner: \"4294967295:0\" is not UID:GID in digits; write e.g. \"0:0\", each 4294967294 at most"),
    "owner": ({"owner": "root:root"}, "attribute owner: \"root:root\" is not UID:GID in digits"),
    "warn_layer_count": ({"warn_layer_count": -1}, "attribute warn_layer_count: -1 is negative; give 0 or more"),
    "root": ({"root": "a/../b"}, "attribute root: \"a/../b\" is not an absolute path without `..`"),
    "zstd_level": ({"compress": "zstd", "compress_level": 23}, "attribute compress_level: 23 is out of range for zstd; use 1 to 22"),
}

def image_layers_test_suite(name):
    """Declares the analysis tests.

    Args:
        name: name of the suite.
    """
    inputs_test(
        name = name + "_inputs",
        default = [
            "py/tests/classic_layers_default.links.mtree",
            "py/tests/data with spaces.txt",
            "py/tests/everything",
            "py/tests/everything.repo_mapping",
            "py/tests/everything.tree",
            "py/tests/everything.venv/bin/python3",
            "py/tests/target.txt",
        ],
        interpreter = [
            "@test_interpreter/bin/python3",
            "@test_interpreter/bin/python3.11",
            "@test_interpreter/lib/python3.11/os.py",
            "@test_interpreter/lib/python3.11/site-packages/pip/__init__.py",
        ],
        packages = [
            "@test_wheel/bin/alpha",
            "@test_wheel/site-packages/alpha/__init__.py",
            "@test_wheel/site-packages/alpha/a name with spaces.txt",
            "@test_wheel/site-packages/alpha/déjà#vu.txt",
            "@test_wheel/site-packages/alpha/sub/mod.py",
        ],
        target_under_test = ":classic_layers",
    )
    layers = ["everything_layers", "classic_layers", "grouped_layers"]
    manual_test(
        name = name + "_manual",
        built = [
            target
            for target, rule in native.existing_rules().items()
            if target.startswith(tuple(layers)) and "manual" not in rule["tags"]
        ] + [layer for layer in layers if not native.existing_rule(layer)],
    )
    hermetic_test(
        name = name + "_hermetic",
        mnemonics = ["ImageFiles", "ImageLayer", "ImagePlan", "ImageTreeLinks", "ImageValidate"],
        target_under_test = ":classic_layers",
    )
    hermetic_test(
        name = name + "_hermetic_groups",
        mnemonics = ["ImageFiles", "ImageLayer", "ImagePlan", "ImageSplit", "ImageTreeLinks", "ImageValidate"],
        target_under_test = ":grouped_layers",
    )
    checked_test(
        name = name + "_checked",
        target_under_test = ":grouped_layers",
    )
    output_groups_test(
        name = name + "_output_groups",
        files = [
            "grouped_layers_interpreter.tar.zst",
            "grouped_layers_packages.tar.zst",
            "grouped_layers_wheel_data.tar.zst",
            "grouped_layers_tree.tar.zst",
            "grouped_layers_default.tar.zst",
        ],
        groups = {
            "default": ["grouped_layers_default.tar.zst"],
            "deps": [
                "grouped_layers_interpreter.tar.zst",
                "grouped_layers_packages.tar.zst",
                "grouped_layers_wheel_data.tar.zst",
                "grouped_layers_tree.tar.zst",
            ],
            "interpreter": ["grouped_layers_interpreter.tar.zst"],
            "metadata": [
                "grouped_layers_interpreter.metadata.json",
                "grouped_layers_packages.metadata.json",
                "grouped_layers_wheel_data.metadata.json",
                "grouped_layers_tree.metadata.json",
                "grouped_layers_default.metadata.json",
            ],
            "plan": ["grouped_layers.plan.json"],
            "sources": ["grouped_layers_default.tar.zst"],
            "tree": ["grouped_layers_tree.tar.zst"],
            "wheel_data": ["grouped_layers_wheel_data.tar.zst"],
            "_validation": ["grouped_layers.warnings"],
        },
        target_under_test = ":grouped_layers",
    )
    output_groups_test(
        name = name + "_oci_tars",
        files = [
            "odd_layers_interpreter.tar.gz",
            "odd_layers_packages.tar.gz",
            "odd_layers_default.tar.gz",
        ],
        target_under_test = ":odd_tars",
    )
    native.test_suite(
        name = name,
        tests = [name + suffix for suffix in ["_checked", "_hermetic", "_hermetic_groups", "_inputs", "_manual", "_oci_tars", "_output_groups"]] + failure_tests(name, _image_layers, _FAILURES),
    )
