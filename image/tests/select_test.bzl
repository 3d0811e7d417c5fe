"""What of a whole image may be a `select()`: each attribute, with the same effect."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")

_ActionsInfo = provider(
    doc = "What the actions of an image and of what it is made of do.",
    fields = {"actions": "list of strings."},
)

def _text(action, name):
    words = action.argv or []
    return " ".join([action.mnemonic] + words + [file.basename for file in action.inputs.to_list()]).replace(name, "NAME")

def _actions_aspect_impl(target, ctx):
    name = ctx.label.name
    for suffix in ["_image", "_layers", "_start"]:
        name = name.removesuffix(suffix)
    actions = [_text(action, name) for action in target.actions if action.mnemonic.startswith("Image")]
    for attribute in ["image", "layers"]:
        targets = getattr(ctx.rule.attr, attribute, [])
        for inner in targets if type(targets) == "list" else [targets]:
            if _ActionsInfo in inner:
                actions.extend(inner[_ActionsInfo].actions)
    return [_ActionsInfo(actions = sorted(actions))]

_actions_aspect = aspect(
    implementation = _actions_aspect_impl,
    attr_aspects = ["image", "layers"],
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

# Each attribute of a whole image with a value that is not its default, and what it needs beside it.
IMAGE_ATTRIBUTES = {
    "annotations": ({"a": "b"}, {}),
    "base": ("BUILD.bazel", {}),
    "base_tag": ("stable", {"base": "BUILD.bazel"}),
    "cmd": (["serve"], {}),
    "entrypoint": (["/srv/start"], {}),
    "env": ({"A": "b"}, {}),
    "exposed_ports": (["80"], {}),
    "labels": ({"a": "b"}, {}),
    "layers": (["BUILD.bazel"], {}),
    "repo_tag": ("example.com/a:b", {}),
    "root": ("/srv", {}),
    "tag": ("v1", {}),
    "user": ("nobody", {}),
    "volumes": (["/var/data"], {}),
    "workdir": ("/srv", {}),
}

def image_select_tests(name, macro, common, attributes, unseen = []):
    """Declares the tests of a macro, a row an attribute.

    Args:
        name: name of the suite.
        macro: `py_image` or `js_image`.
        common: dict of string, the arguments of all images.
        attributes: dict of string to a pair of the attribute's value and of what else the image needs.
        unseen: list of string, attributes that no word of an action shows.
    """
    common = common | {"tags": ["manual"], "testonly": True}
    macro(name = name + "_baseline", **common)
    for attribute, (value, others) in attributes.items():
        target = "{}_{}".format(name, attribute)
        macro(name = target + "_plain", **(common | others | {attribute: value}))
        macro(name = target + "_selected", **(common | others | {attribute: select({"//conditions:default": value})}))
        _select_test(
            name = target,
            baseline = None if attribute in unseen else name + "_baseline",
            plain = target + "_plain",
            selected = target + "_selected",
            target_under_test = target + "_selected",
        )

    # As a symbolic macro gives what nobody set: a select() or None, all at once.
    macro(
        name = name + "_all_selected",
        **(common | {attribute: None for attribute in attributes if attribute not in common} | {
            attribute: select({"//conditions:default": value})
            for attribute, value in {
                "annotations": {},
                "cmd": [],
                "entrypoint": [],
                "env": {},
                "exposed_ports": [],
                "labels": {},
                "layers": [],
                "repo_tag": "",
                "root": "",
                "tag": "latest",
                "user": "",
                "volumes": [],
                "workdir": "",
            }.items()
        })
    )
    macro(
        name = name + "_none",
        **(common | {attribute: None for attribute in attributes if attribute not in common})
    )
    for case in ["all_selected", "none"]:
        _select_test(
            name = "{}_{}_test".format(name, case),
            plain = name + "_baseline",
            selected = "{}_{}".format(name, case),
            target_under_test = "{}_{}".format(name, case),
        )
    native.test_suite(
        name = name,
        tests = ["{}_{}".format(name, test) for test in attributes.keys() + ["all_selected_test", "none_test"]],
    )
