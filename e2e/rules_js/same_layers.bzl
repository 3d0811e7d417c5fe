"""Compares the layers of this repository's js_image_layer with those of rules_js's."""

load("@aspect_rules_js//js:defs.bzl", rules_js_image_layer = "js_image_layer")
load("@bazel_skylib//rules:diff_test.bzl", "diff_test")
load("@rules_image_layers//js:defs.bzl", "js_image_layer")

_DEFAULT_LAYERS = ["node", "package_store_3p", "package_store_1p", "node_modules", "app"]

# All of an entry that a layer says, and the digest of what a file holds.
_LISTING = "$(BSDTAR_BIN) -cf $@ --format=mtree --options='!all,type,mode,uid,gid,time,size,sha256,link' @$<"

def same_layers(name, binary, layer_groups = {}, **kwargs):
    """Tests that every layer of both rules lists the same, in the same order.

    Args:
        name: string, prefix of all targets; `bazel test` of `NAME` runs all tests.
        binary: label of a js_binary.
        layer_groups: dict, as of js_image_layer.
        **kwargs: other attributes of both rules.
    """
    tests = []
    for side, image_layer in {"ours": js_image_layer, "theirs": rules_js_image_layer}.items():
        image_layer(
            name = "{}_{}".format(name, side),
            binary = binary,
            layer_groups = layer_groups,
            **kwargs
        )
    for layer in {layer: None for layer in layer_groups.keys() + _DEFAULT_LAYERS}:
        for side in ["ours", "theirs"]:
            layers = "{}_{}".format(name, side)
            native.filegroup(
                name = "{}_{}".format(layers, layer),
                srcs = [layers],
                output_group = layer,
            )
            native.genrule(
                name = "{}_{}_listing".format(layers, layer),
                srcs = ["{}_{}".format(layers, layer)],
                outs = ["{}_{}.listing".format(layers, layer)],
                cmd = _LISTING,
                toolchains = ["@bsd_tar_toolchains//:resolved_toolchain"],
            )
        diff_test(
            name = "{}_{}".format(name, layer),
            size = "small",
            file1 = "{}_theirs_{}.listing".format(name, layer),
            file2 = "{}_ours_{}.listing".format(name, layer),
        )
        tests.append("{}_{}".format(name, layer))
    native.test_suite(name = name, tests = tests)
