"""Analysis tests of image_layer: its units, its output groups, and what is refused."""

load("//layers/private:image_layer.bzl", "image_layers")
load("//layers/testing:failure.bzl", "failure_tests")
load("//layers/testing:output_groups.bzl", "output_groups_test")
load("//layers/testing:plan.bzl", "plan_test")
load("//layers/testing:recognised.bzl", "recognised_tests")
load(":fixture_unit.bzl", "fixture_unit")

# Attributes of the rule to the message that they are refused with.
_FAILURES = {
    "binaries_of_launcher": ({"binaries": [":hello"], "launcher": "/x"}, "attribute binaries: it works only with the layout of a tier; leave out launcher"),
    "binaries_of_root": ({"binaries": [":hello"], "root": "/"}, "attribute binaries: it works only with the layout of a tier; leave out root"),
    "binary": ({"binary": ":rack"}, "is not executable; give an executable"),
    "both": ({"binaries": [":hello"], "binary": ":native"}, "attribute binary: give an executable as `binary`, or several as `binaries`"),
    "group_level": ({"binary": ":hello", "group_compress_levels": {"tpyes": "9"}, "layer_tier": ":tier"}, "attribute group_compress_levels: \"tpyes\" is not a layer of this image; use one of \"interpreter\", \"types\", \"web\", \"first_party\", \"packages\", \"default\""),
    "groups": ({"binary": ":native", "groups": {":rack": "web"}}, "attribute groups: //layers/tests:rack moves no files: the image does not need it"),
    "kind": ({"binary": ":of_bad_kind"}, "UnitInfo of @@//layers/tests:bad_kind: the kind \"gem\" is unknown; write one of \"distribution\", \"interpreter\""),
    "launcher": ({"binary": ":hello", "launcher": "x"}, "attribute launcher: \"x\" is not an absolute path without `..`"),
    "launcher_dir": ({"binary": ":hello", "launcher_dir": "/x", "root": "/"}, "attribute launcher_dir: it works only with the layout of a tier; leave out root"),
    "level": ({"binary": ":hello", "compress_level": 13}, "attribute compress_level: 13 is out of range for gzip; use 0 to 12"),
    "name": ({"binary": ":of_bad_name"}, "UnitInfo of @@//layers/tests:bad_name: \"a/b\" is not a name; use letters, digits, `.`, `_` and `-`"),
    "none": ({}, "attribute binary: give an executable as `binary`, or several as `binaries`"),
    "root": ({"binary": ":hello", "root": "../x"}, "attribute root: \"../x\" is not an absolute path without `..`"),
    "same_launcher": ({"binaries": [":hello", "//layers/tests/other:hello"]}, "attribute binaries: two launchers are at /app/bin/hello"),
}

def image_layer_test_suite(name):
    """Declares the analysis tests.

    Args:
        name: name of the suite.
    """
    fixture_unit(name = "bad_kind", files = {"a": ""}, kind = "gem", testonly = True, unit = "a")
    fixture_unit(name = "bad_name", files = {"a": ""}, kind = "distribution", testonly = True, unit = "a/b")
    plan_test(
        name = name + "_plan",
        target_under_test = ":hello_layers",
        units = [
            "interpreter: interpreter ruby: interpreter_group of //py:default_layer_tier",
            "packages: distribution rack: no key of //py:default_layer_tier",
            "packages: distribution sinatra: no key of //py:default_layer_tier",
            "default: own //layers/tests:hello: in no other layer",
        ],
    )
    plan_test(
        name = name + "_plan_of_tier",
        target_under_test = ":tiered_layers",
        units = [
            "interpreter: interpreter ruby: interpreter_group of //layers/tests:tier",
            "types: distribution rack: \"@any//rack:**/lib/rack/**\" of //layers/tests:tier",
            "web: distribution sinatra: \"@any//sinatra\" of //layers/tests:tier",
            "first_party: target //layers/tests/other:model: \"//layers/tests/other/...\" of //layers/tests:tier",
            "words: dependency //layers/tests:words.txt: groups of the image",
            "packages: distribution rack: no key of //layers/tests:tier",
            "default: own //layers/tests:hello: in no other layer",
        ],
    )
    output_groups_test(
        name = name + "_output_groups",
        files = [
            "hello_layers_interpreter.tar.gz",
            "hello_layers_packages.tar.gz",
            "hello_layers_default.tar.gz",
        ],
        groups = {
            "_validation": ["hello_layers.warnings"],
            "default": ["hello_layers_default.tar.gz"],
            "deps": [
                "hello_layers_interpreter.tar.gz",
                "hello_layers_packages.tar.gz",
            ],
            "groups": [],
            "interpreter": ["hello_layers_interpreter.tar.gz"],
            "metadata": [
                "hello_layers_interpreter.metadata.json",
                "hello_layers_packages.metadata.json",
                "hello_layers_default.metadata.json",
            ],
            "mtree": [
                "hello_layers_interpreter.mtree",
                "hello_layers_packages.mtree",
                "hello_layers_default.mtree",
            ],
            "packages": ["hello_layers_packages.tar.gz"],
            "plan": ["hello_layers.plan.json"],
            "sources": ["hello_layers_default.tar.gz"],
        },
        target_under_test = ":hello_layers",
    )
    native.test_suite(
        name = name,
        tests = [name + suffix for suffix in ["_output_groups", "_plan", "_plan_of_tier"]] + failure_tests(name, image_layers, _FAILURES) + recognised_tests(name + "_recognised", {
            ":rack": "distribution rack 3.1.8: 2 files",
            ":ruby": "interpreter ruby -: 1 files",
            ":sinatra": "distribution sinatra -: 1 files",
        }),
    )
