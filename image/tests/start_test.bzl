"""Tests of how an image of any executable starts."""

load("//image:defs.bzl", "image")
load("//layers/testing:start.bzl", "start_test")

_STARTS = [
    "--cmd=--verbose",
    "--cmd=two words",
    "--entrypoint=/app",
    "--repo-tag=image/tests/server:latest",
    "--workdir=/app.runfiles/_main",
]

# Attributes of the image to the words that say how it starts.
_CASES = {
    "binaries": (
        {"binaries": [":server", ":other"]},
        [word.replace("/app", "/app/bin/server") if "entrypoint" in word else word for word in _STARTS],
    ),
    "binary": ({"binary": ":server"}, _STARTS),
    # The last layers that are of an executable.
    "layers": ({"layers": [":other_layers", ":server_layers", "BUILD.bazel"]}, _STARTS),
    "own": (
        {"binary": ":server", "cmd": ["serve"], "entrypoint": ["/init"], "env": {"A": "b"}, "repo_tag": "a/b:c", "workdir": "/srv"},
        ["--cmd=serve", "--entrypoint=/init", "--env=A=b", "--repo-tag=a/b:c", "--workdir=/srv"],
    ),
    "root": (
        {"binary": ":server", "root": "/opt"},
        [word.replace("/app", "/opt/image/tests/server") for word in _STARTS],
    ),
    "tar": ({"layers": ["BUILD.bazel"]}, []),
}

def start_test_suite(name):
    """Declares the tests.

    Args:
        name: name of the suite.
    """
    for case, (attributes, words) in _CASES.items():
        image(
            name = "{}_{}_subject".format(name, case),
            testonly = True,
            tags = ["manual"],
            **attributes
        )
        start_test(
            name = "{}_{}".format(name, case),
            target_under_test = "{}_{}_subject".format(name, case),
            words = words,
        )
    native.test_suite(
        name = name,
        tests = ["{}_{}".format(name, case) for case in _CASES],
    )
