"""Unit tests of pure functions."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//layer_tool/private:manifest.bzl", "vis")
load("//py/private:image_layers.bzl", "layer_names")
load("//py/private:layout.bzl", "image_layout")
load("//py/private:tar_args.bzl", "parse_tar_args")

_VIS = {
    "plain/path.py": "plain/path.py",
    "a b": "a\\040b",
    "a\\b": "a\\134b",
    "a\nb\tc\rd": "a\\012b\\011c\\015d",
    "#a=b": "\\043a=b",
}

def _vis_test_impl(ctx):
    env = unittest.begin(ctx)
    for path, escaped in _VIS.items():
        asserts.equals(env, escaped, vis(path))
    return unittest.end(env)

vis_test = unittest.make(_vis_test_impl)

_LAYOUTS = {
    ("", "//a/b:c"): "/app",
    ("/", "//a/b:c"): "/a/b/c",
    ("/", "//:c"): "/c",
    ("/opt/x/", "//a:d/c"): "/opt/x/a/d/c",
}

def _layout_test_impl(ctx):
    env = unittest.begin(ctx)
    for (root, label), launcher in _LAYOUTS.items():
        layout = image_layout(root, Label(label))
        asserts.equals(env, launcher, layout.launcher)
        asserts.equals(env, launcher + ".runfiles", layout.runfiles)
    return unittest.end(env)

layout_test = unittest.make(_layout_test_impl)

_TAR_ARGS = [
    ([], "gzip", {}),
    (["--options", "gzip:!timestamp"], "gzip", {}),
    (["--options=gzip:compression-level=9,gzip:!timestamp"], "gzip", {"compress_level": 9}),
    (["--options", "zstd:compression-level=19"], "zstd", {"compress_level": 19}),
    (["--numeric-owner", "--uid=7"], "none", {"owner": "7:0"}),
    (["--uid", "7", "--gid", "8"], "none", {"owner": "7:8"}),
]

def _tar_args_test_impl(ctx):
    env = unittest.begin(ctx)
    for tar_args, compression, settings in _TAR_ARGS:
        asserts.equals(env, settings, parse_tar_args(tar_args, compression))
    return unittest.end(env)

tar_args_test = unittest.make(_tar_args_test_impl)

def _layer_names_test_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, ["interpreter", "packages", "default"], layer_names({}))
    asserts.equals(env, ["interpreter", "packages", "b", "a", "default"], layer_names({"b": "", "a": ""}))
    return unittest.end(env)

layer_names_test = unittest.make(_layer_names_test_impl)

def units_test_suite(name):
    """Declares the unit tests.

    Args:
        name: name of the suite.
    """
    unittest.suite(
        name,
        layer_names_test,
        layout_test,
        tar_args_test,
        vis_test,
    )
