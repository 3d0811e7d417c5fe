"""Analysis tests: what the actions of an image have as inputs, and what is refused."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//js:defs.bzl", "js_image_layer", "js_image_layer_lib", "js_layer_tier")
load("//layers/testing:expressions.bzl", "checked_test")
load("//layers/testing:failure.bzl", "failure_tests")
load("//layers/testing:plan.bzl", "validation_test")

_STORE = "js/tests/node_modules/.aspect_rules_js/"

def _layer_of(action):
    """The layer that an action writes, or a slice of; None for any other action."""
    if action.mnemonic == "ImageLayer":
        return [word for word in action.argv if word.startswith("--name=")][0].removeprefix("--name=")
    if action.mnemonic == "ImageFragment":
        return action.outputs.to_list()[0].short_path.split(".slices/")[0].split("_extended_")[1]
    return None

def _inputs_test_impl(ctx):
    """Names a file of each layer, and checks that no other layer has it as input.

    What is in a folder that is no package only its action knows, so layers may have that, too.
    """
    env = analysistest.begin(ctx)
    actions = [
        (_layer_of(action), [file.short_path for file in action.inputs.to_list()])
        for action in analysistest.target_actions(env)
        if _layer_of(action)
    ]
    for path, expected in {
        _STORE + "alpha@1.0.0/node_modules/alpha": "package_store_3p",
        _STORE + "alpha@1.0.0/node_modules/beta": "package_store_3p",
        _STORE + "kappa@1.0.0/node_modules/kappa": "package_store_3p",
        _STORE + "linked@0.0.0/node_modules/linked": "package_store_1p",
        _STORE + "linked@0.0.0/node_modules/@scope/scoped": "package_store_1p",
        "js/tests/node_modules/alpha": "node_modules",
        "js/tests/linked/index.js": "app",
        "js/tests/main.js": "app",
        "js/tests/bin_/bin.repo_mapping": "app",
        "/test_node/bin/nodejs/bin/node": "node",
        "/test_rules_js/js/private/node-bootstrap/fs.cjs": "node",
    }.items():
        asserts.equals(
            env,
            [expected],
            [layer for layer, inputs in actions if [input for input in inputs if _is(input, path)]],
            "layers with the input " + path,
        )

    # Once an action ran, Bazel no longer says that it has what it has not read: so no more is sure.
    of_tree = [layer for layer, inputs in actions if "js/tests/tree" in inputs]
    asserts.true(env, "app" in of_tree and "node" not in of_tree, "layers with the input of a folder: {}".format(of_tree))
    return analysistest.end(env)

def _is(short_path, path):
    """Whether a path is that of a File; canonical names of repositories vary with Bazel."""
    if path.startswith("/"):
        return short_path.replace("~", "/").replace("+", "/").endswith(path)
    return short_path == path

inputs_test = analysistest.make(_inputs_test_impl)

def _hermetic_test_impl(ctx):
    """No action runs a program other than the toolchain's, and none a shell."""
    env = analysistest.begin(ctx)
    spawned = [action for action in analysistest.target_actions(env) if action.argv]
    for action in spawned:
        asserts.true(env, action.argv[0].endswith("/layer_tool"), "{} runs {}".format(action.mnemonic, action.argv[0]))
    mnemonics = {action.mnemonic: None for action in spawned}
    asserts.equals(env, ctx.attr.mnemonics, sorted(mnemonics))
    return analysistest.end(env)

hermetic_test = analysistest.make(
    _hermetic_test_impl,
    attrs = {"mnemonics": attr.string_list()},
)

def _launcher_test_impl(ctx):
    """What the launcher holds of the build is replaced, as rules_js does."""
    env = analysistest.begin(ctx)
    actions = [action for action in analysistest.target_actions(env) if action.mnemonic == "TemplateExpand"]
    asserts.equals(env, 1, len(actions))
    substitutions = actions[0].substitutions
    bindir = "export JS_BINARY__BINDIR=\"{}\"".format(analysistest.target_bin_dir_path(env))
    asserts.equals(env, "export JS_BINARY__BINDIR=\"$(pwd)\"", substitutions[bindir])
    asserts.true(env, "\nexport BAZEL_BINDIR=\".\"\n" in substitutions["#!/usr/bin/env bash"])
    asserts.equals(
        env,
        ["export JS_BINARY__TARGET_CPU=\"$(uname -m)\""],
        [new for old, new in substitutions.items() if "TARGET_CPU" in old],
    )
    return analysistest.end(env)

launcher_test = analysistest.make(_launcher_test_impl)

def _output_groups_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    layers = ["fs", "scoped", "two", "nothing", "node", "package_store_3p", "package_store_1p", "node_modules", "app"]
    names = ["grouped_layers_{}.tar.zst".format(layer) for layer in layers]
    asserts.equals(env, names, [file.basename for file in target[DefaultInfo].files.to_list()])
    for layer, name in zip(layers, names):
        asserts.equals(env, [name], [file.basename for file in target[OutputGroupInfo][layer].to_list()])
    asserts.equals(
        env,
        ["grouped_layers_{}.metadata.json".format(layer) for layer in layers],
        [file.basename for file in target[OutputGroupInfo].metadata.to_list()],
    )

    # What of the tree is in each layer but that of Node.js has a manifest of its own.
    asserts.equals(env, 2 * len(layers) - 1, len(target[OutputGroupInfo].mtree.to_list()))
    return analysistest.end(env)

output_groups_test = analysistest.make(_output_groups_test_impl)

def _shared_test_impl(ctx):
    """The actions of an image with a tier, or of one that no tier is for."""
    env = analysistest.begin(ctx)
    mnemonics = [action.mnemonic for action in analysistest.target_actions(env)]
    fragments = [mnemonic for mnemonic in mnemonics if mnemonic == "ImageFragment"]
    concatenations = [mnemonic for mnemonic in mnemonics if mnemonic == "ImageConcat"]
    asserts.equals(env, ctx.attr.fragments, len(fragments), "fragments of its own")
    asserts.equals(env, ctx.attr.concatenations, len(concatenations), "concatenations")
    parts = [
        file.path
        for action in analysistest.target_actions(env)
        if action.mnemonic == "ImageConcat"
        for file in action.inputs.to_list()
        if file.extension == "part"
    ]
    asserts.equals(env, ctx.attr.parts, len(parts), "fragments in the layers: {}".format(parts))
    return analysistest.end(env)

_SHARED_ATTRS = {
    "concatenations": attr.int(),
    "fragments": attr.int(),
    "parts": attr.int(),
}

shared_test = analysistest.make(
    _shared_test_impl,
    attrs = _SHARED_ATTRS,
    config_settings = {str(Label("//js:layer_tier")): str(Label("//js/tests:tier"))},
)

# The tier of another CPU than that of the platform has another store, and so other fragments.
platform_test = analysistest.make(
    _shared_test_impl,
    attrs = _SHARED_ATTRS,
    config_settings = {str(Label("//js:layer_tier")): str(Label("//js/tests:tier_of_cpu"))},
)

# Packages that are divided are so at their own targets, too.
divided_test = analysistest.make(
    _shared_test_impl,
    attrs = _SHARED_ATTRS,
    config_settings = {str(Label("//js:layer_tier")): str(Label("//js/tests:full_tier"))},
)

pinned_test = analysistest.make(_shared_test_impl, attrs = _SHARED_ATTRS)

# Attributes of the rule to the message that they are refused with.
_FAILURES = {
    "binaries_of_classic": ({"binaries": [":bin"], "binary": None}, "attribute binaries: it needs a `layer_tier`; set one, and leave out layer_groups and preserve_symlinks"),
    "binaries_and_binary": ({"binaries": [":external"]}, "attribute binary: give a js_binary as `binary`, or several as `binaries`"),
    "binary": ({"binary": ":no_runfiles"}, "attribute binary: @@//js/tests:no_runfiles has no other runfiles than itself; give a js_binary"),
    "compression": ({"compression": "xz"}, "attribute compression: \"xz\" is not a compression of an image layer; use one of \"gzip\", \"none\", \"zstd\""),
    "directory_mode": ({"directory_mode": "rwxr-xr-x"}, "attribute directory_mode: \"rwxr-xr-x\" is not an octal mode; write e.g. \"0755\""),
    "file_mode": ({"file_mode": "0888"}, "attribute file_mode: \"0888\" is not an octal mode"),
    "group_digit": ({"layer_groups": {"1st": ""}}, "attribute layer_groups: \"1st\" is not an identifier; use letters, digits"),
    "group_name": ({"layer_groups": {"a-b": ""}}, "attribute layer_groups: \"a-b\" is not an identifier"),
    "group_expression": ({"layer_groups": {"a": "b(c"}}, "attribute layer_groups: \"b(c\" for \"a\" is not a regular expression: it has a `(` that nothing closes"),
    "group_expressions": ({"layer_groups": {"group%d" % number: "x" for number in range(123)}}, "attribute layer_groups: the image has 128 layers, and image stores take 127 at most, those of the base included; put more into one group"),
    "group_plan": ({"layer_groups": {"plan": ""}}, "attribute layer_groups: \"plan\" is an output group of its own; rename the group"),
    "group_validation": ({"layer_groups": {"_validation": ""}}, "attribute layer_groups: \"_validation\" is an output group of its own; rename the group"),
    "preserve_symlinks": ({"preserve_symlinks": "*"}, "attribute preserve_symlinks: \"*\" is not a regular expression: it has a `*` after the beginning with nothing to repeat"),
    "group_reserved": ({"layer_groups": {"mtree": ""}}, "attribute layer_groups: \"mtree\" is an output group of its own; rename the group"),
    "execution_requirements": ({"group_execution_requirements": {"ap": ["no-remote"]}}, "attribute group_execution_requirements: \"ap\" is not a layer of this image; use one of \"node\", \"package_store_3p\""),
    "execution_requirements_of_tier": ({"group_execution_requirements": {"abc": ["no-remote"]}, "layer_tier": ":tier"}, "attribute group_execution_requirements: \"abc\" is not a layer of this image; use one of \"node\", \"scoped\", \"ab\", \"package_store_3p\", \"package_store_1p\""),
    "group_level": ({"group_compress_levels": {"ap": "9"}}, "attribute group_compress_levels: \"ap\" is not a layer of this image; use one of \"node\", \"package_store_3p\", \"package_store_1p\", \"node_modules\", \"app\""),
    "group_level_range": ({"group_compress_levels": {"app": "13"}}, "attribute group_compress_levels: 13 is out of range for gzip; use 0 to 12"),
    "groups_of_classic": ({"groups": {":tree": "tree"}}, "attribute groups: it needs a `layer_tier`"),
    "groups_taken": ({"groups": {":tree": "app"}, "layer_tier": ":tier"}, "attribute groups: \"app\" is a layer of each image's own; rename the group"),
    "gzip_level": ({"compression_level": 13}, "attribute compression_level: 13 is out of range for gzip; use 0 to 12"),
    "layer_tier_and_groups": ({"layer_groups": {"a": ""}, "layer_tier": ":tier"}, "attribute layer_tier: it cannot be used with layer_groups or preserve_symlinks; leave these out, or the tier"),
    "layer_tier_and_links": ({"layer_tier": ":tier", "preserve_symlinks": ""}, "attribute layer_tier: it cannot be used with layer_groups or preserve_symlinks"),
    "layer_budget": ({"layer_tier": ":tier_of_small_budget"}, "attribute layer_budget of @@//js/tests:tier_of_small_budget: 5 is less than the 6 layers of this image, \"two\", \"package_store_3p\", \"node\", \"package_store_1p\", \"node_modules\" and \"app\"; raise it, or merge groups"),
    "layer_tier_below_launcher": ({"layer_tier": ":tier_below_launcher"}, "js/tests:tier_below_launcher, /js/tests/bin/store, is below the launcher /js/tests/bin, which is not a directory; set root, or the tier's store"),
    "owner": ({"owner": "node:node"}, "attribute owner: \"node:node\" is not UID:GID in digits"),
    "owner_of_no_system": ({"owner": "0:4294967295"}, "attribute owner: \"0:4294967295\" is not UID:GID in digits; write e.g. \"0:0\", each 4294967294 at most"),
    "owner_of_three": ({"owner": "0:0:0"}, "attribute owner: \"0:0:0\" is not UID:GID in digits"),
    "warn_layer_count": ({"warn_layer_count": -1}, "attribute warn_layer_count: -1 is negative; give 0 or more"),
    "root": ({"root": "/app/.."}, "attribute root: \"/app/..\" climbs out with `..`"),
}

# The same of a tier.
_TIER_FAILURES = {
    "tier_compression": ({"compression": {"app": ["zstd"]}}, "attribute compression: \"app\" is not a group of this tier; use one of \"*\", \"node\", \"package_store_3p\""),
    "tier_glob": ({"groups": {"@scope": "a"}}, "attribute groups: \"@scope\" is not a key of a group; write a package (\"@pip//numpy\", \"react\", \"@aws-sdk/*\")"),
    "tier_glob_of_paths": ({"groups": {"react/lib": "a"}}, "attribute groups: \"react/lib\" is not a key of a group"),
    "tier_glob_of_versions": ({"groups": {"react@19": "a"}}, "attribute groups: \"react@19\" is not a key of a group"),
    "tier_group_name": ({"groups": {"react": "a b"}}, "attribute groups: \"a b\" cannot be the name of a layer"),
    "tier_group_of_images": ({"groups": {"react": "app"}}, "attribute groups: \"app\" is a layer of each image's own; rename the group"),
    "tier_group_reserved": ({"groups": {"react": "mtree"}}, "attribute groups: \"mtree\" is an output group of its own; rename the group"),
    "tier_group_plan": ({"groups": {"react": "plan"}}, "attribute groups: \"plan\" is an output group of its own; rename the group"),
    "tier_owner": ({"owner": "node"}, "attribute owner: \"node\" is not a valid id"),
    "tier_store": ({"store": "npm"}, "attribute store: \"npm\" is not an absolute path of a directory without `..`"),
}

def _failures(name):
    of_image = {
        case: ({"binary": ":bin"} | attributes, message)
        for case, (attributes, message) in _FAILURES.items()
    }
    return failure_tests(name, js_image_layer, of_image) + failure_tests(name, js_layer_tier, _TIER_FAILURES)

def _no_runfiles_impl(ctx):
    executable = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(executable, "", is_executable = True)
    return [DefaultInfo(executable = executable)]

no_runfiles = rule(
    implementation = _no_runfiles_impl,
    executable = True,
)

# As others extend the rule.
extended_js_image_layer = rule(
    implementation = js_image_layer_lib.implementation,
    attrs = js_image_layer_lib.attrs | {"more": attr.string()},
    toolchains = js_image_layer_lib.toolchains,
)

def js_image_layer_test_suite(name):
    """Declares the analysis tests.

    Args:
        name: name of the suite.
    """
    no_runfiles(name = "no_runfiles")
    js_layer_tier(
        name = "tier_below_launcher",
        store = "/js/tests/bin/store",
    )
    js_layer_tier(
        name = "tier_of_small_budget",
        groups = {"alpha": "two"},
        layer_budget = 5,
    )
    extended_js_image_layer(
        name = name + "_extended",
        binary = ":bin",
        # Taken, and not run: see the tests of what runs.
        compressor = ":bin",
        compressor_args = "-9",
        more = "of it",
    )
    inputs_test(
        name = name + "_inputs",
        target_under_test = name + "_extended",
    )
    hermetic_test(
        name = name + "_hermetic",
        mnemonics = ["ImageConcat", "ImageDescribe", "ImageFiles", "ImageFragment", "ImageLayer", "ImageLinks", "ImagePlan", "ImageSplit", "ImageValidate"],
        target_under_test = name + "_extended",
    )
    hermetic_test(
        name = name + "_hermetic_groups",
        mnemonics = ["ImageFiles", "ImageLayer", "ImageLinks", "ImagePlan", "ImageSplit", "ImageValidate"],
        target_under_test = ":grouped_layers",
    )
    checked_test(
        name = name + "_checked",
        target_under_test = ":grouped_next_layers",
    )
    launcher_test(
        name = name + "_launcher",
        target_under_test = ":default_layers",
    )
    output_groups_test(
        name = name + "_output_groups",
        target_under_test = ":grouped_layers",
    )

    # Which machine that is without a platform, the build says.
    for suffix, target, flags in [
        ("_validation", ":default_layers", {"--other-machines": ["warning"], "--warn-layer-count": ["90"]}),
        ("_validation_of_rule", name + "_extended", {"--other-machines": ["warning"], "--warn-layer-count": ["90"]}),
        ("_validation_of_platform", ":platform_layers", {"--machine": ["aarch64"], "--other-machines": ["warning"]}),
        ("_validation_of_image", ":alias_platforms_layers", {"--other-machines": ["warning"]}),
        ("_validation_error", ":native_error_layers", {"--machine": ["x86_64"], "--other-machines": ["error"]}),
    ]:
        validation_test(
            name = name + suffix,
            flags = flags,
            target_under_test = target,
        )

    # All of a tier's form is from the packages' targets, once the flag says so.
    shared_test(
        name = name + "_shared",
        concatenations = 4,
        # What folders have below node_modules.
        fragments = 1,
        # Node.js, and each package once.
        parts = 11,
        target_under_test = ":default_layers",
    )
    pinned_test(
        name = name + "_pinned",
        concatenations = 3,
        fragments = 10,
        parts = 10,
        target_under_test = ":shared_layers",
    )

    divided_test(
        name = name + "_divided",
        concatenations = 10,
        # A file and a folder of its own, and what folders have below node_modules.
        fragments = 3,
        parts = 14,
        target_under_test = ":several_layers",
    )
    platform_test(
        name = name + "_platform",
        concatenations = 1,
        # What folders have below node_modules.
        fragments = 1,
        parts = 10,
        target_under_test = ":platform_layers",
    )

    # The flag does not count for it.
    shared_test(
        name = name + "_classic",
        target_under_test = ":grouped_layers",
    )
    suffixes = ["_checked", "_classic", "_divided", "_pinned", "_platform", "_shared", "_hermetic", "_hermetic_groups", "_inputs", "_launcher", "_output_groups", "_validation", "_validation_of_image", "_validation_of_platform", "_validation_of_rule", "_validation_error"]
    native.test_suite(
        name = name,
        tests = [name + suffix for suffix in suffixes] + _failures(name),
    )
