"""What of a whole image, and of what tells of one, may be a `select()`: each attribute, with the same effect."""

load("//image:defs.bzl", "image_report", "image_size_test")
load("//layers/testing:select.bzl", "select_test", "select_tests")

# Each attribute of a whole image with a value that is not its default, and what it needs beside it.
IMAGE_ATTRIBUTES = {
    "annotations": ({"a": "b"}, {}),
    "base": ("BUILD.bazel", {}),
    "base_tag": ("stable", {"base": "BUILD.bazel"}),
    "cmd": (["serve"], {}),
    "entrypoint": (["/srv/start"], {}),
    "env": ({"A": "b"}, {}),
    "exposed_ports": (["80"], {}),
    "labels": ({"a": "b"}, {}),
    "layers": (["BUILD.bazel"], {}),
    "repo_tag": ("example.com/a:b", {}),
    "root": ("/srv", {}),
    "tag": ("v1", {}),
    "user": ("nobody", {}),
    "volumes": (["/var/data"], {}),
    "workdir": ("/srv", {}),
}

# Those that may also be a file of lines.
_FILES = {attribute: ("BUILD.bazel", {}) for attribute in ["annotations", "env", "labels"]}

def image_select_tests(name, macro, common, attributes, unseen = [], root = ""):
    """Declares the tests of a macro, a row an attribute.

    Args:
        name: name of the suite.
        macro: `py_image` or `js_image`, or one over these.
        common: dict of string, the arguments of all images.
        attributes: dict of string to a pair of the attribute's value and of what else the image needs.
        unseen: list of string, attributes that no word of an action shows.
        root: string, the default of the attribute.
    """
    common = common | {"tags": ["manual"], "testonly": True}
    tests = select_tests(name, macro, common, attributes, unseen = unseen)
    tests += select_tests(name + "_of_file", macro, common, _FILES)

    # As a symbolic macro gives what nobody set: a select() or None, all at once.
    macro(
        name = name + "_all_selected",
        **(common | {attribute: None for attribute in attributes if attribute not in common} | {
            attribute: select({"//conditions:default": value})
            for attribute, value in {
                "annotations": {},
                "cmd": [],
                "entrypoint": [],
                "env": {},
                "exposed_ports": [],
                "labels": {},
                "layers": [],
                "repo_tag": "",
                "root": root,
                "tag": "latest",
                "user": "",
                "volumes": [],
                "workdir": "",
            }.items()
        })
    )
    macro(
        name = name + "_none",
        **(common | {attribute: None for attribute in attributes if attribute not in common})
    )
    for case in ["all_selected", "none"]:
        select_test(
            name = "{}_{}_test".format(name, case),
            plain = name + "_baseline",
            selected = "{}_{}".format(name, case),
            target_under_test = "{}_{}".format(name, case),
        )
    native.test_suite(
        name = name,
        tests = tests + ["{}_{}_test".format(name, case) for case in ["all_selected", "none"]],
    )

def select_test_suite(name, one, other):
    """Declares the tests of what tells of images.

    Args:
        name: name of the suite.
        one: label of an image of which there is a plan.
        other: label of another one.
    """
    common = {"tags": ["manual"], "testonly": True}
    tests = select_tests(
        name + "_report",
        image_report,
        common | {"images": [one]},
        {"images": ([other], {})},
    ) + select_tests(
        name + "_size",
        image_size_test,
        common | {"image": one, "total": "1 GB"},
        {
            "budgets": ({"default": "2 GB"}, {}),
            "image": (other, {}),
            "total": ("2 GB", {}),
            "uncompressed": (True, {}),
        },
    )

    # As a symbolic macro gives what nobody set.
    image_size_test(
        name = name + "_size_none",
        budgets = None,
        image = one,
        total = "1 GB",
        uncompressed = None,
        **common
    )
    select_test(
        name = name + "_size_none_test",
        plain = name + "_size_baseline",
        selected = name + "_size_none",
        target_under_test = name + "_size_none",
    )
    native.test_suite(
        name = name,
        tests = tests + [name + "_size_none_test"],
    )
