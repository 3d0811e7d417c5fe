"""A test of what a target is recognised as."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//layers/private:unit_info.bzl", "UnitsInfo")
load("//layers/private:units_aspect.bzl", "units_aspect")

visibility(["//js/...", "//layers/...", "//py/..."])

def _recognised_test_impl(ctx):
    env = analysistest.begin(ctx)
    unit = ctx.attr.of[UnitsInfo].unit
    asserts.equals(
        env,
        ctx.attr.unit,
        "{} {} {}: {} files".format(unit.kind, unit.name, unit.version or "-", len(unit.files.to_list())) if unit else "none",
    )
    return analysistest.end(env)

_recognised_test = analysistest.make(
    _recognised_test_impl,
    attrs = {
        "of": attr.label(aspects = [units_aspect]),
        "unit": attr.string(),
    },
)

def recognised_tests(name, units):
    """A test of each target.

    Args:
        name: string, what the names of the tests begin with.
        units: dict of label to what the target is: `KIND NAME VERSION: NUMBER files`, or `none`.

    Returns:
        A list of the tests' names.
    """
    tests = []
    for number, (of, unit) in enumerate(units.items()):
        tests.append("{}_{}".format(name, number))
        _recognised_test(name = tests[-1], of = of, target_under_test = of, unit = unit)
    return tests
