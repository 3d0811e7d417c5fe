"""What of image_layer may be a `select()`: all of it, with the same effect."""

load("//layers:defs.bzl", "image_layer")
load("//layers/testing:select.bzl", "select_tests")

# Each attribute with a value that is not its default, and what else the image needs for it.
_ATTRIBUTES = {
    "binaries": ([":hello", ":native"], {"binary": None}),
    "binary": (":native", {}),
    "compress": ("zstd", {}),
    "compress_level": (9, {}),
    "group": ("1000", {}),
    "group_compress_levels": ({"default": "9"}, {}),
    "group_execution_requirements": ({"default": ["cpu=2"]}, {}),
    "groups": ({"words.txt": "words"}, {}),
    "hard_links": (False, {}),
    "launcher": ("/srv/launcher", {}),
    "launcher_dir": ("/srv/bin", {}),
    "layer_tier": (":tier", {}),
    "mtime": (1, {}),
    "other_machines": ("error", {}),
    "owner": ("1000", {}),
    "platform": (":linux_aarch64", {"binary": ":script"}),
    "root": ("/srv", {}),
    "tree_links": ("follow", {"binary": ":folders"}),
    "warn_layer_count": (7, {}),
    "warn_remote_cache_threshold_mb": (7, {}),
}

def select_test_suite(name):
    """Declares the tests.

    Args:
        name: name of the suite.
    """
    native.test_suite(
        name = name,
        tests = select_tests(
            name,
            image_layer,
            dict(binary = ":hello", tags = ["manual"], testonly = True),
            _ATTRIBUTES,
            # Execution requirements are no words of an action.
            unseen = ["group_execution_requirements"],
        ),
    )
