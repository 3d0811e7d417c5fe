"""Tests of the marks by which packages of npm and Node.js are recognised."""

load("//layers/testing:recognised.bzl", "recognised_tests")

_UNITS = {
    # By the folder in the store, at the package's own target and at those that stand for it.
    ":alpha": "distribution alpha 1.0.0: 1 files",
    ":scoped": "distribution @scope/scoped 2.0.0: 1 files",
    ":peer": "distribution @scope/peer 1.0.0: 1 files",
    ":canary": "distribution canary 0.0.0-experimental-1: 1 files",
    ":beta/pkg": "distribution beta 1.0.0: 1 files",
    ":beta": "distribution beta 1.0.0: 1 files",
    # First-party ones are an image's own.
    ":copied": "target //js/tests:copied -: 1 files",
    ":linked": "target //js/tests:linked -: 1 files",
    # Its program alone.
    ":node_toolchain": "interpreter node -: 1 files",
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
