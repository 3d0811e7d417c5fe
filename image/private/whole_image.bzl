"""Whole images: layers of executables, and the targets of an image of them."""

load("//layers/private:image_layer.bzl", "image_layer")
load("//layers/private:select.bzl", "is_given", "join_lists", "without_none")
load("//layers/private:targets.bzl", "common_attributes", "manual")
load(":targets.bzl", "check_platforms", "image_targets")

visibility(["//image/...", "//js/...", "//py/..."])

def whole_image(name, layers_of, of_layers, *, layers, target_platform, platforms, **of_image):
    """Declares NAME_layers and the targets of an image of them.

    Args:
        name: string.
        layers_of: the macro of the layers; None: the image has no other than `layers`.
        of_layers: dict of its arguments, the common attributes of all targets among them.
        layers: list of labels of further layers below these.
        target_platform: label or None.
        platforms: list of labels.
        **of_image: of `image_targets`.
    """
    if "platform" in of_layers:
        fail("attribute platform: an image has a `target_platform`, or several `platforms`; write that instead")
    check_platforms(target_platform, platforms)
    common = manual(common_attributes(of_layers))
    if layers_of:
        layers_of(name = name + "_layers", **(without_none(of_layers) | common))
        layers = join_lists(layers, [name + "_layers"])
    image_targets(
        name = name,
        common = common,
        layers = layers,
        platforms = platforms,
        target_platform = target_platform,
        **of_image
    )

def image(
        name,
        binary = None,
        binaries = None,
        base = None,
        layers = [],
        target_platform = None,
        platforms = [],
        tag = "latest",
        repo_tag = None,
        entrypoint = [],
        cmd = [],
        env = {},
        workdir = None,
        user = None,
        labels = {},
        annotations = {},
        exposed_ports = [],
        base_tag = None,
        volumes = [],
        **kwargs):
    """Makes a container image from an executable of any language, or from layers: an OCI image layout, a directory.

    ```starlark
    load("@rules_image_layers//image:defs.bzl", "image")

    image(
        name = "image",
        base = "@debian",
        binary = ":server",  # a cc_binary, go_binary, java_binary, rust_binary, sh_binary, ...
    )
    ```

    `:image`, `:image.load`, `:image.digest`, `:image.report` and `:image.tar` are as of
    [`py_image`](py.md#py_image), and so are all attributes that are not named here. The layers of the
    executable are those of [`image_layer`](layers.md#image_layer), at `:NAME_layers`. For Python and JavaScript there
    are `py_image` and `js_image`, which also know the interpreter.

    Layers that a build has already make an image without a `binary`. It starts as the last of them with
    [`LayoutInfo`](providers.md#LayoutInfo) says:

    ```starlark
    image(
        name = "image",
        base = "@debian",
        layers = [":config_tar", ":server_layers"],
    )
    ```

    All targets are tagged `manual`. Every argument may be a `select()` but `name`, `target_platform` and
    `platforms`.

    Args:
        name: string, name of the image, and prefix of the other targets.
        binary: label of the executable. Default None: the image has no layers but `layers`.
        binaries: list of labels of executables, instead of `binary`; the image starts the first.
        base: label of an OCI image layout. Default None.
        layers: list of labels of further layers below those of the executable: tars, and targets with
            `LayersInfo`. Default none.
        target_platform: label of a platform. Default None: that of the build.
        platforms: list of labels of platforms, of an image each. Default none.
        tag: string. Default `"latest"`.
        repo_tag: string. Default: `PACKAGE/TARGET:TAG` of the executable, as far as registries take that.
        entrypoint: list of string. Default: the executable.
        cmd: list of string. Default: the `args` of the executable.
        env: dict of string. Default: the `env` of the executable.
        workdir: string, absolute path. Default: the folder of the main repository in the runfiles.
        user: string. Default: that of the base, else root.
        labels: dict of string; or the label of a file of `NAME=VALUE` lines, as of `env` and
            `annotations`, too. Default none.
        annotations: dict of string. Default none.
        exposed_ports: list of string. Default none.
        base_tag: string, the tag of the base in its layout. Default None: there is one image for the platform.
        volumes: list of string. Default none.
        **kwargs: what else `image_layer` takes, and common attributes of all targets.
    """
    of_executable = is_given(binary) or is_given(binaries)
    if not of_executable:
        if not is_given(layers):
            fail("attribute binary: the image has nothing; give an executable by `binary`, or `layers`")
        for attribute in without_none(kwargs):
            if attribute not in common_attributes(kwargs):
                fail("attribute {}: it is for the layers of a `binary`, which is not given; leave it out, or give it to those of `layers`".format(attribute))
    checks = {"other_machines": "error"} if target_platform or platforms else {}
    whole_image(
        name,
        image_layer if of_executable else None,
        checks | dict(binaries = binaries, binary = binary) | without_none(kwargs),
        annotations = annotations,
        base = base,
        base_tag = base_tag,
        cmd = cmd,
        entrypoint = entrypoint,
        env = env,
        exposed_ports = exposed_ports,
        labels = labels,
        layers = layers,
        platforms = platforms,
        repo_tag = repo_tag,
        tag = tag,
        target_platform = target_platform,
        user = user,
        volumes = volumes,
        workdir = workdir,
    )
