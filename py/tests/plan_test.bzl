"""Tests of the plan of an image: its units and their reasons, and what checks it."""

load("//layers/testing:plan.bzl", "plan_test", "validation_test")

# CPUs to their machines; None for what has no name.
OTHER_CPUS = {
    "aarch64": "aarch64",
    "arm": "arm",
    "armv7": "arm",
    "i386": "x86_32",
    "ppc": None,
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "s390x": "s390x",
    "wasm32": None,
    "x86_32": "x86_32",
    "x86_64": "x86_64",
}

def plan_test_suite(name):
    """Declares the tests.

    Args:
        name: name of the suite.
    """
    plan_test(
        name = name + "_tiered",
        target_under_test = ":tiered_layers",
        units = [
            "python: interpreter interpreter: interpreter_group of //py/tests:tier",
            "texts: distribution alpha: \"@any_hub//Alpha:**/*.txt\" of //py/tests:tier",
            "own: target //py/tests:everything: \"//py/tests:everything\" of //py/tests:tier",
            "own: target //py/tests:everything: \"//py/tests:everything\" of //py/tests:tier",
            "packages: distribution alpha: no key of //py/tests:tier",
            "default: own //py/tests:everything: in no other layer",
        ],
    )
    plan_test(
        name = name + "_odd",
        target_under_test = ":odd_layers",
        units = [
            "interpreter: interpreter interpreter: interpreter_group of //py:default_layer_tier",
            "packages: distribution alpha: no key of //py:default_layer_tier",
            "default: own //py/tests:odd: in no other layer",
        ],
    )
    plan_test(
        name = name + "_several",
        target_under_test = ":several_layers",
        units = [
            "interpreter: interpreter interpreter: interpreter_group of //py/tests:budget_tier",
            "texts: dependency //py/tests:data with spaces.txt: groups of the image",
            "made: dependency //py/tests:made_of_wheel: groups of the image",
            "packages.alpha: distribution alpha: no key of //py/tests:budget_tier; of its own by layer_budget",
            "default: own //py/tests:everything //py/tests:odd: in no other layer",
        ],
    )
    plan_test(
        name = name + "_astray",
        target_under_test = ":astray_layers",
        units = [
            "interpreter: interpreter interpreter: interpreter_group of //py:default_layer_tier",
            "packages: own left over: third-party, of no distribution in the image",
            "default: own //py/tests:astray: in no other layer",
        ],
    )
    plan_test(
        name = name + "_implicit",
        target_under_test = ":implicit_layers",
        units = [
            "interpreter: interpreter interpreter: interpreter_group of //py/tests:implicit_tier",
            "gamma: distribution gamma: \"@pip//gamma\" of //py/tests:implicit_tier",
            "packages: distribution alpha: no key of //py/tests:implicit_tier",
            "default: own //py/tests:implicit: in no other layer",
        ],
    )
    plan_test(
        name = name + "_named",
        target_under_test = ":named_layers",
        units = [
            "interpreter: interpreter interpreter: interpreter_group of //py/tests:naming_tier",
            "tables: target //py/tests:named: \"//py/tests/other/...\" of //py/tests:naming_tier",
            "made: target //py/tests:named: \"//py/tests/other:made.csv\" of //py/tests:naming_tier",
            "model: dependency //py/tests:model: groups of the image",
            "packages: own left over: third-party, of no distribution in the image",
            "default: own //py/tests:named: in no other layer",
        ],
    )
    validation_test(
        name = name + "_unmatched_key",
        flags = {"--warning": ["attribute groups of //py/tests:naming_tier: \"//py/tests/other:small.csv\" names nothing in this image, which has other targets of that Bazel package; correct it or leave it out"]},
        target_under_test = ":named_layers",
    )
    plan_test(
        name = name + "_classic",
        target_under_test = ":grouped_layers",
        units = [
            "interpreter: interpreter interpreter: the runtime of the binary",
            "packages: own //py/tests:everything: third-party",
            "wheel_data: own //py/tests:everything: layer_groups: \"/alpha/(?!__init__).*\\\\.txt$\"",
            "tree: own //py/tests:everything: layer_groups: \"everything\\\\.tree/b\"",
            "default: own //py/tests:everything: in no other layer",
        ],
    )
    validation_test(
        name = name + "_validation",
        flags = {
            "--machine": ["s390x"],
            "--other-machines": ["warning"],
            "--warn-layer-count": ["7"],
            "--warn-remote-cache-threshold-mb": ["0"],
        },
        target_under_test = ":warned_layers",
    )
    for cpu, machine in OTHER_CPUS.items():
        validation_test(
            name = "{}_validation_{}".format(name, cpu),
            flags = {
                "--machine": [machine] if machine else [],
                "--other-machines": ["error"],
                "--warn-layer-count": ["90"],
                "--warn-remote-cache-threshold-mb": ["200"],
            },
            target_under_test = ":{}_layers".format(cpu),
        )
    native.test_suite(
        name = name,
        tests = [
            name + suffix
            for suffix in ["_astray", "_classic", "_implicit", "_named", "_odd", "_several", "_tiered", "_unmatched_key", "_validation"]
        ] + [
            "{}_validation_{}".format(name, cpu)
            for cpu in OTHER_CPUS
        ],
    )
