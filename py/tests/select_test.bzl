"""What of py_image_layer may be a `select()`: all of it, with the same effect."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//py:defs.bzl", "py_image_layer")

_ActionsInfo = provider(
    doc = "What the actions of a target do.",
    fields = {"actions": "list of strings."},
)

def _text(action, name):
    words = action.argv or [action.content or ""]
    return " ".join([action.mnemonic] + words + [file.basename for file in action.outputs.to_list()]).replace(name, "NAME")

_actions_aspect = aspect(
    implementation = lambda target, ctx: [_ActionsInfo(
        actions = sorted([
            _text(action, ctx.label.name)
            for action in target.actions
            # Not those that Bazel adds for `bazel run`.
            if action.mnemonic.startswith("Image") or action.outputs.to_list()[0].extension == "mtree"
        ]),
    )],
)

def _select_test_impl(ctx):
    env = analysistest.begin(ctx)
    plain = ctx.attr.plain[_ActionsInfo].actions
    asserts.equals(env, plain, ctx.attr.selected[_ActionsInfo].actions)
    if ctx.attr.baseline:
        asserts.false(env, plain == ctx.attr.baseline[_ActionsInfo].actions, "the attribute has no effect")
    return analysistest.end(env)

_select_test = analysistest.make(
    _select_test_impl,
    attrs = {
        "baseline": attr.label(aspects = [_actions_aspect]),
        "plain": attr.label(aspects = [_actions_aspect]),
        "selected": attr.label(aspects = [_actions_aspect]),
    },
)

# Each attribute with a value that is not its default, and what else the image needs for it.
_ATTRIBUTES = {
    "binaries": ([":everything", ":odd"], {"binary": None}),
    "binary": (":odd", {}),
    "compress": ("zstd", {}),
    "compress_level": (9, {}),
    "compute_unused_inputs": (0, {}),
    "group": ("1000", {}),
    "group_compress_levels": ({"default": "9"}, {}),
    "group_execution_requirements": ({"default": ["cpu=2"]}, {}),
    "groups": ({":data with spaces.txt": "texts"}, {}),
    "hard_links": (False, {}),
    "launcher": ("/srv/launcher", {}),
    "launcher_dir": ("/srv/bin", {}),
    "layer_groups": ({"texts": "[.]txt$"}, {}),
    "layer_tier": (":tier", {}),
    "mtime": (1, {}),
    "other_machines": ("error", {}),
    "owner": ("1000", {}),
    "platform": (":linux_aarch64", {}),
    "py_binary": (":odd", {"binary": None}),
    "root": ("/srv", {}),
    "tar_args": (["--options", "gzip:compression-level=1"], {}),
    "tree_links": ("follow", {}),
    "warn_layer_count": (7, {}),
    "warn_remote_cache_threshold_mb": (7, {}),
}

# Execution requirements are no words of an action; the other is for compatibility.
_UNSEEN = ["compute_unused_inputs", "group_execution_requirements"]

def select_test_suite(name):
    """Declares the tests.

    Args:
        name: name of the suite.
    """
    common = dict(binary = ":everything", tags = ["manual"], testonly = True)
    py_image_layer(name = name + "_baseline", **common)
    for attribute, (value, others) in _ATTRIBUTES.items():
        target = "{}_{}".format(name, attribute)
        py_image_layer(name = target + "_plain", **(common | others | {attribute: value}))
        py_image_layer(name = target + "_selected", **(common | others | {attribute: select({"//conditions:default": value})}))
        _select_test(
            name = target,
            baseline = None if attribute in _UNSEEN else name + "_baseline",
            plain = target + "_plain",
            selected = target + "_selected",
            target_under_test = target + "_selected",
        )

    # As a symbolic macro gives what nobody set: all at once, with the defaults.
    py_image_layer(
        name = name + "_all_selected",
        tags = ["manual"],
        testonly = True,
        **{
            attribute: select({"//conditions:default": value})
            for attribute, value in {
                "binaries": [],
                "binary": ":everything",
                "group_execution_requirements": {},
                "groups": {},
                "layer_groups": {},
                "root": "",
                "tar_args": [],
            }.items()
        }
    )
    _select_test(
        name = name + "_all",
        plain = name + "_baseline",
        selected = name + "_all_selected",
        target_under_test = name + "_all_selected",
    )
    native.test_suite(
        name = name,
        tests = ["{}_{}".format(name, attribute) for attribute in list(_ATTRIBUTES) + ["all"]],
    )
