"""Tests of which attributes may be a `select()`."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

_ActionsInfo = provider(
    doc = "What the actions of a target and of what it is made of do.",
    fields = {"actions": "list of strings."},
)

# An image is made of these.
_EDGES = ["image", "layers"]

def _text(action, name):
    words = action.argv or [action.content or ""]
    files = action.inputs.to_list() + action.outputs.to_list()
    return " ".join([action.mnemonic] + words + [file.basename for file in files]).replace(name, "NAME")

def _actions_aspect_impl(target, ctx):
    name = ctx.label.name
    for suffix in ["_image", "_layers"]:
        name = name.removesuffix(suffix)
    actions = [
        _text(action, name)
        for action in target.actions
        # Not those that Bazel adds for `bazel run`.
        if action.mnemonic.startswith("Image") or action.outputs.to_list()[0].extension in ["args", "mtree"]
    ]
    for attribute in _EDGES:
        targets = getattr(ctx.rule.attr, attribute, [])
        for inner in targets if type(targets) == "list" else [targets]:
            if _ActionsInfo in inner:
                actions.extend(inner[_ActionsInfo].actions)
    return [_ActionsInfo(actions = sorted(actions))]

_actions_aspect = aspect(
    implementation = _actions_aspect_impl,
    attr_aspects = _EDGES,
)

def _select_test_impl(ctx):
    env = analysistest.begin(ctx)
    plain = ctx.attr.plain[_ActionsInfo].actions
    asserts.equals(env, plain, ctx.attr.selected[_ActionsInfo].actions)
    if ctx.attr.baseline:
        asserts.false(env, plain == ctx.attr.baseline[_ActionsInfo].actions, "the attribute has no effect")
    return analysistest.end(env)

select_test = analysistest.make(
    _select_test_impl,
    attrs = {
        "baseline": attr.label(aspects = [_actions_aspect]),
        "plain": attr.label(aspects = [_actions_aspect]),
        "selected": attr.label(aspects = [_actions_aspect]),
    },
)

def select_tests(name, rule, common, attributes, unseen = []):
    """A test of each attribute: with a `select()` the actions are those without, and other than by default.

    Args:
        name: what the names of targets begin with; `NAME_baseline` has the defaults.
        rule: the rule or macro.
        common: dict of attributes that all its targets have.
        attributes: dict of attribute to a pair of a value that is not its default, and of a dict
            of what else the target needs for it.
        unseen: list of the attributes that change no words of actions.

    Returns:
        A list of the tests' names.
    """
    rule(name = name + "_baseline", **common)
    tests = []
    for attribute, (value, others) in attributes.items():
        target = "{}_{}".format(name, attribute)
        rule(name = target + "_plain", **(common | others | {attribute: value}))
        rule(name = target + "_selected", **(common | others | {attribute: select({"//conditions:default": value})}))
        select_test(
            name = target,
            baseline = None if attribute in unseen else name + "_baseline",
            plain = target + "_plain",
            selected = target + "_selected",
            target_under_test = target + "_selected",
        )
        tests.append(target)
    return tests
