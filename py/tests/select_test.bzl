"""What of py_image_layer may be a `select()`: all of it, with the same effect."""

load("//layers/testing:select.bzl", "select_test", "select_tests")
load("//py:defs.bzl", "py_image_layer")

# Each attribute with a value that is not its default, and what else the image needs for it.
_ATTRIBUTES = {
    "binaries": ([":everything", ":odd"], {"binary": None}),
    "binary": (":odd", {}),
    "compress": ("zstd", {}),
    "compress_level": (9, {}),
    "compute_unused_inputs": (0, {}),
    "group": ("1000", {}),
    "group_compress_levels": ({"default": "9"}, {}),
    "group_execution_requirements": ({"default": ["cpu=2"]}, {}),
    "groups": ({":data with spaces.txt": "texts"}, {}),
    "hard_links": (False, {}),
    "launcher": ("/srv/launcher", {}),
    "launcher_dir": ("/srv/bin", {}),
    "layer_groups": ({"texts": "[.]txt$"}, {}),
    "layer_tier": (":tier", {}),
    "mtime": (1, {}),
    "other_machines": ("error", {}),
    "owner": ("1000", {}),
    "platform": (":linux_aarch64", {}),
    "py_binary": (":odd", {"binary": None}),
    "root": ("/srv", {}),
    "tar_args": (["--options", "gzip:compression-level=1"], {}),
    "tree_links": ("follow", {}),
    "warn_layer_count": (7, {}),
    "warn_remote_cache_threshold_mb": (7, {}),
}

# Execution requirements are no words of an action; the other is for compatibility.
_UNSEEN = ["compute_unused_inputs", "group_execution_requirements"]

def select_test_suite(name):
    """Declares the tests.

    Args:
        name: name of the suite.
    """
    common = dict(binary = ":everything", tags = ["manual"], testonly = True)
    tests = select_tests(name, py_image_layer, common, _ATTRIBUTES, unseen = _UNSEEN)

    # As a symbolic macro gives what nobody set: all at once, with the defaults.
    py_image_layer(
        name = name + "_all_selected",
        tags = ["manual"],
        testonly = True,
        **{
            attribute: select({"//conditions:default": value})
            for attribute, value in {
                "binaries": [],
                "binary": ":everything",
                "group_execution_requirements": {},
                "groups": {},
                "layer_groups": {},
                "root": "",
                "tar_args": [],
            }.items()
        }
    )
    select_test(
        name = name + "_all",
        plain = name + "_baseline",
        selected = name + "_all_selected",
        target_under_test = name + "_all_selected",
    )
    native.test_suite(
        name = name,
        tests = tests + [name + "_all"],
    )
