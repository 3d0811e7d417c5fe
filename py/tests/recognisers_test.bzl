"""Tests of the marks by which distributions are recognised."""

load("//layers/testing:recognised.bzl", "recognised_tests")

_UNITS = {
    # By the tags of rules_python. What `:srcs` has is not `:pkg`'s, too.
    "@test_wheel//:pkg": "distribution alpha 1.0: 5 files",
    "@test_spread_wheel//:srcs": "distribution gamma 1.0: 4 files",
    "@test_spread_wheel//:pkg": "none",
    # By the place of the files and the metadata among them; a part alone is none.
    "@test_spread_wheel//:untagged": "distribution gamma 1.0: 3 files",
    "@test_spread_wheel//:dist_info": "none",
    # By the rule and the name of the wheel, and by the output group and that of the repository.
    ":unpacked": "distribution delta 1.0: 1 files",
    "@whl_install__tests__beta__1_0//:install": "distribution beta -: 1 files",
    # By nothing.
    ":everything": "target //py/tests:everything -: 2 files",
}

def recognisers_test_suite(name):
    """Declares the tests.

    Args:
        name: name of the suite.
    """
    native.test_suite(
        name = name,
        tests = recognised_tests(name, _UNITS),
    )
