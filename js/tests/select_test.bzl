"""What of js_image_layer may be a `select()`: all of it, with the same effect."""

load("//js:defs.bzl", "js_image_layer")
load("//layers/testing:select.bzl", "select_tests")

# Each attribute with a value that is not its default, and what else the image needs for it.
_ATTRIBUTES = {
    "binaries": ([":external", ":folders"], {"binary": None, "layer_tier": ":tier"}),
    "binary": (":external", {}),
    "compress": ("zstd", {}),
    "compress_level": (9, {}),
    "compression": ("zstd", {}),
    "compression_level": (9, {}),
    "compressor": (":external", {}),
    "compressor_args": ("-9", {}),
    "directory_mode": ("0700", {}),
    "file_mode": ("0444", {}),
    "group_compress_levels": ({"app": "9"}, {}),
    "group_execution_requirements": ({"app": ["cpu=2"]}, {}),
    "groups": ({":trees": "trees"}, {"layer_tier": ":tier"}),
    "hard_links": (False, {"layer_tier": ":tier"}),
    "launcher_dir": ("/srv/bin", {"layer_tier": ":tier"}),
    "layer_groups": ({"texts": "[.]txt$"}, {}),
    "layer_tier": (":tier", {}),
    "other_machines": ("error", {}),
    "owner": ("1000:1000", {}),
    "platform": (":aarch64", {}),
    "preserve_symlinks": ("", {}),
    "root": ("/srv", {}),
    "tree_links": ("keep", {}),
    "warn_layer_count": (7, {}),
}

# For compatibility; and execution requirements are no words of an action.
_UNSEEN = ["compressor", "compressor_args", "group_execution_requirements"]

def select_test_suite(name):
    """Declares the tests.

    Args:
        name: name of the suite.
    """
    common = dict(binary = ":folders", tags = ["manual"], testonly = True)
    native.test_suite(
        name = name,
        tests = select_tests(name, js_image_layer, common, _ATTRIBUTES, unseen = _UNSEEN),
    )
