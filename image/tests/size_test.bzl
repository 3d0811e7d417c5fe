"""Tests of the sizes that image_size_test takes, and of what it refuses."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//image:defs.bzl", "image_size_test")
load("//image/private:size_test.bzl", "parse_size")
load("//layers/testing:failure.bzl", "failure_test")

_SIZES = {
    "0": 0,
    "1 kB": 1000,
    "1.5 MiB": 3 << 19,
    "10MB": 10 * 1000 * 1000,
    "12345": 12345,
    "2 GB": 2 * 1000 * 1000 * 1000,
    "2GiB": 2 << 30,
    "3 B": 3,
    "7.25 KiB": 7424,
    "9KB": 9000,
}

def _parse_size_test_impl(ctx):
    env = unittest.begin(ctx)
    for text, size in _SIZES.items():
        asserts.equals(env, size, parse_size("total", text), text)
    return unittest.end(env)

parse_size_test = unittest.make(_parse_size_test_impl)

_NO_SIZE = "is not a size; write digits and one of B, kB, MB, GB, KiB, MiB, GiB, such as"

def size_test_suite(name, known):
    """Declares the tests.

    Args:
        name: name of the suite.
        known: label of an image of which there is a plan.
    """
    parse_size_test(name = name + "_sizes")
    tests = {
        "binary_megabyte": ({"total": "1 Mi"}, "attribute total: \"1 Mi\" " + _NO_SIZE),
        "empty": ({"budgets": {"default": ""}}, "attribute budgets: \"\" " + _NO_SIZE),
        "fraction": ({"budgets": {"default": "1. MB"}}, "attribute budgets: \"1. MB\" " + _NO_SIZE),
        "negative": ({"total": "-1 MB"}, "attribute total: \"-1 MB\" " + _NO_SIZE),
        "no_budget": ({}, "attribute budgets: nothing is tested; give {\"LAYER\": \"SIZE\"}, or total"),
        "word": ({"total": "large"}, "attribute total: \"large\" " + _NO_SIZE),
    }
    for case, (attributes, message) in tests.items():
        image_size_test(
            name = "{}_{}_subject".format(name, case),
            tags = ["manual"],
            **({"image": known} | attributes)
        )
        failure_test(
            name = "{}_{}".format(name, case),
            message = message,
            target_under_test = "{}_{}_subject".format(name, case),
        )
    native.test_suite(
        name = name,
        tests = [name + "_sizes"] + ["{}_{}".format(name, case) for case in tests],
    )
