"""Analysis tests of py_image: what its actions are given, and what is refused."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//image/tests:manifest_test.bzl", "actions_of", "manifest_test")

def _index_test_impl(ctx):
    env = analysistest.begin(ctx)
    for mnemonic, suffix in {"ImageLayout": "", "ImageManifest": ".sparse"}.items():
        (action,) = actions_of(env, mnemonic)
        image = analysistest.target_under_test(env).label.name + "_image"
        names = [file.basename for file in action.inputs.to_list() if file.is_directory]
        asserts.equals(env, [image + suffix] * 2, names)
        folders = [argument for argument in action.argv if argument.endswith("/" + image + suffix)]
        asserts.equals(env, 2, len({folder: None for folder in folders}), "configurations of " + mnemonic)
    return analysistest.end(env)

index_test = analysistest.make(_index_test_impl)

def _command_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    asserts.equals(
        env,
        [ctx.attr.layout],
        [file.short_path for file in target.default_runfiles.files.to_list() if file.is_directory],
    )
    asserts.true(env, target.files_to_run.executable != None)
    return analysistest.end(env)

command_test = analysistest.make(
    _command_test_impl,
    attrs = {"layout": attr.string()},
)

def _layers_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    asserts.equals(env, [ctx.attr.layer], [file.basename for file in target.files.to_list()])
    return analysistest.end(env)

layers_test = analysistest.make(
    _layers_test_impl,
    attrs = {"layer": attr.string()},
)

_TIER_METADATA = ["py/tests/{}_layers_{}.metadata.json".format("tier_image", layer) for layer in ["interpreter", "packages", "default"]]
_TIER_LAYERS = [path.replace(".metadata.json", ".tar.gz") for path in _TIER_METADATA]
_CLASSIC_METADATA = ["py/tests/classic_image_layers_{}.metadata.json".format(layer) for layer in ["interpreter", "packages", "default"]]
_CLASSIC_LAYERS = [path.replace(".metadata.json", ".tar.gz") for path in _CLASSIC_METADATA]

def image_test_suite(name):
    """Declares the analysis tests.

    Args:
        name: name of the suite.
    """
    manifest_test(
        name = name + "_tier",
        arguments = [
            "--cmd=--data",
            "--cmd=py/tests/data with spaces.txt",
            "--cmd=two words",
            "--entrypoint=/app",
            "--env=FROM_BINARY=1",
            "--repo-tag=py/tests/everything:latest",
            "--tag=latest",
            "--workdir=/app.runfiles/_main",
        ],
        layers = _TIER_LAYERS,
        manifest_inputs = _TIER_METADATA + ["py/tests/everything"],
        target_under_test = ":tier_image",
    )
    manifest_test(
        name = name + "_classic",
        arguments = [
            "--annotation=a=b",
            "--cmd=/opt/py/tests/everything/everything",
            "--cmd=--data",
            "--cmd=py/tests/data with spaces.txt",
            "--cmd=two words",
            "--env=FROM_BINARY=2",
            "--env=MINE=several\nlines",
            "--exposed-port=80",
            "--label=c=d",
            "--repo-tag=example.com/a:b",
            "--tag=t",
            "--user=nobody",
            "--workdir=/opt/py/tests/everything",
        ],
        described = ["py/tests/plain.tar"],
        layers = _CLASSIC_LAYERS + ["py/tests/plain.tar"],
        manifest_inputs = _CLASSIC_METADATA + [
            "py/tests/classic_image_0.metadata.json",
            "py/tests/everything",
            "py/tests/tier_image",
        ],
        target_under_test = ":classic_image",
    )
    manifest_test(
        name = name + "_own_words",
        arguments = [
            "--cmd=y",
            "--entrypoint=/x",
            "--env=FROM_BINARY=1",
            "--repo-tag=py/tests/everything:latest",
            "--tag=latest",
            "--workdir=/w",
        ],
        layers = [path.replace("tier_image", "words_image") for path in _TIER_LAYERS],
        manifest_inputs = [path.replace("tier_image", "words_image") for path in _TIER_METADATA],
        target_under_test = ":words_image",
    )
    for index in ["platforms", "alias_platforms"]:
        index_test(
            name = "{}_index_{}".format(name, index),
            target_under_test = index,
        )

    # An image whose platform is an alias, and one that is started from a folder of its own.
    manifest_test(
        name = name + "_alias",
        arguments = [
            "--cmd=--data",
            "--cmd=py/tests/data with spaces.txt",
            "--cmd=two words",
            "--entrypoint=/srv/bin/everything",
            "--env=FROM_BINARY=1",
            "--repo-tag=py/tests/everything:latest",
            "--tag=latest",
            "--workdir=/app.runfiles/_main",
        ],
        layers = [path.replace("tier_image", "alias_image") for path in _TIER_LAYERS],
        manifest_inputs = [path.replace("tier_image", "alias_image") for path in _TIER_METADATA] + ["py/tests/everything"],
        target_under_test = ":alias_image",
    )
    command_test(
        name = name + "_load",
        layout = "py/tests/tier_image",
        target_under_test = ":tier_image.load",
    )
    command_test(
        name = name + "_digest",
        layout = "py/tests/tier_image.sparse",
        target_under_test = ":tier_image.digest",
    )

    # As pycross_image calls the layers.
    pycross = {
        "{}_{}_{}".format(name, image, suffix): (image, layout, suffix, layer)
        for image, layout in {"docker_image": "docker_image.oci", "oci_image": "oci_image"}.items()
        for suffix, layer in {"app_layer": "default", "interpreter_layer": "interpreter", "packages_layer": "packages"}.items()
    }
    for test, (image, layout, suffix, layer) in pycross.items():
        layers_test(
            name = test,
            layer = "{}_layers_{}.tar.gz".format(layout, layer),
            target_under_test = ":{}.{}".format(image, suffix),
        )
    native.test_suite(
        name = name,
        tests = [name + suffix for suffix in ["_alias", "_classic", "_digest", "_index_alias_platforms", "_index_platforms", "_load", "_own_words", "_tier"]] + pycross.keys(),
    )
