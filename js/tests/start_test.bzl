"""Tests of how a binary is started in an image."""

load("//js:defs.bzl", "js_image")
load("//layers/testing:start.bzl", "start_test")

def start_test_suite(name):
    """Declares the tests.

    Args:
        name: name of the suite.
    """
    js_image(
        name = name + "_of_manager",
        testonly = True,
        binary = ":manager",
        root = "/srv",
        tags = ["manual"],
    )
    start_test(
        name = name + "_python_of_manager",
        # Its launcher is no script of Python; that of a program that it runs looks for one.
        launcher = True,
        python = "test_interpreter/bin/python3",
        python_below = "/srv/js/tests/manager.runfiles/",
        target_under_test = name + "_of_manager",
        words = [
            "--entrypoint=/srv/js/tests/manager",
            "--repo-tag=js/tests/manager:latest",
            "--workdir=/srv/js/tests/manager.runfiles/_main",
        ],
    )
    start_test(
        name = name + "_of_external",
        target_under_test = ":image",
        words = [
            "--entrypoint=/srv/js/tests/external",
            "--env=NODE_ENV=production",
            "--repo-tag=js/tests/external:latest",
            "--workdir=/srv/js/tests/external.runfiles/_main",
        ],
    )
    js_image(
        name = name + "_of_several",
        testonly = True,
        binaries = [":external", ":manager"],
        layer_tier = ":tier",
        tags = ["manual"],
    )
    start_test(
        name = name + "_of_first",
        launcher = True,
        python = "test_interpreter/bin/python3",
        python_below = "/app.runfiles/",
        target_under_test = name + "_of_several",
        words = [
            "--entrypoint=/app/bin/external",
            "--repo-tag=js/tests/external:latest",
            "--workdir=/app.runfiles/_main",
        ],
    )
    native.test_suite(
        name = name,
        tests = [name + "_python_of_manager", name + "_of_external", name + "_of_first"],
    )
