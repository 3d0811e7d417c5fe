"""Tests of the plan of an image: its units and their reasons, and what checks it."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load(":actions.bzl", "action_inputs", "first_action", "flag_values")

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

def _plan_test_impl(ctx):
    env = analysistest.begin(ctx)
    plan = first_action(env, "ImagePlan")
    units = [json.decode(unit) for unit in flag_values(plan, "--unit")]
    asserts.equals(
        env,
        ctx.attr.units,
        [
            "{group}: {kind} {name}: {reason}".format(**unit)
            for unit in units
        ],
    )
    groups = {unit["group"]: None for unit in units}.keys()
    asserts.equals(
        env,
        ["{}_{}.metadata.json".format(ctx.attr.target_under_test.label.name, group) for group in groups],
        [path.split("/")[-1] for path in flag_values(plan, "--layer")],
    )

    # Nothing that is large: the layers and the fragments themselves are no inputs.
    for path in action_inputs(plan):
        asserts.true(env, path.endswith((".metadata.json", ".part.json")), path)
    return analysistest.end(env)

plan_test = analysistest.make(
    _plan_test_impl,
    attrs = {"units": attr.string_list()},
)

def _validation_test_impl(ctx):
    env = analysistest.begin(ctx)
    validation = first_action(env, "ImageValidate")
    for flag, values in ctx.attr.flags.items():
        asserts.equals(env, values, flag_values(validation, flag), flag)
    asserts.equals(
        env,
        [ctx.attr.target_under_test.label.name + ".plan.json"],
        [path.split("/")[-1] for path in action_inputs(validation)],
    )
    return analysistest.end(env)

validation_test = analysistest.make(
    _validation_test_impl,
    attrs = {"flags": attr.string_list_dict()},
)
