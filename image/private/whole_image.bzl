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

    `:image`, `:image.load`, `:image.digest`, `:image.report` and `:image.tar` are the targets of
    [`py_image`](py.md#py_image). `:NAME_layers` is an [`image_layer`](layers.md#image_layer) with the
    layers of the executable. For Python and JavaScript use `py_image` and `js_image`, which also know
    the interpreter.

    Without a `binary`, the image consists of `layers`. The last of them that returns
    [`LayoutInfo`](providers.md#LayoutInfo) says what the image starts:

    ```starlark
    image(
        name = "image",
        base = "@debian",
        layers = [":config_tar", ":server_layers"],
    )
    ```

    All targets are tagged `manual`. Every argument may be a `select()`, except `name`,
    `target_platform` and `platforms`, which decide which targets are declared.

    Args:
        name: string, name of the image, and prefix of the other targets.
        binary: label of the executable. Default None: the image consists of `layers`. Without
            `binary`, `binaries` and `layers` it is an error.
        binaries: list of labels of executables, instead of `binary`; the image starts the first.
        base: label of an OCI image layout: a directory, or the files of a layout. Default None: the
            image has no base.
        layers: list of labels of other layers, which are put below those of the executable, lowest
            first: tars, or targets that return `LayersInfo`. Default `[]`.
        target_platform: label of the platform that the image is for. Default None: the target
            platform of the build. A platform that is not Linux is an error.
        platforms: list of labels of platforms. If it is set, the result is an index with an image
            for each platform. Not with `target_platform`. Default `[]`.
        tag: string, the tag of the image in the layout. Default `"latest"`.
        repo_tag: string, `[HOST[:PORT]/]NAME:TAG`, the name under which `:NAME.load` loads the
            image. Default None: `PACKAGE/TARGET:TAG` of the executable, in lower case and without
            characters that registries do not take.
        entrypoint: list of string. Default `[]`: the executable.
        cmd: list of string, the words that `docker run IMAGE WORD...` replaces. Default `[]`: the
            `args` of the executable.
        env: dict of string to string, environment variables, or the label of a file of
            `NAME=VALUE` lines. They are added to the variables of the base and of the executable,
            and replace those with the same name. Default `{}`.
        workdir: string, absolute path of the working directory. Default None: the directory of the
            main repository in the runfiles, where `bazel run` starts, too.
        user: string, `USER` or `USER:GROUP`, each an id or a name. Default None: that of the base,
            or else root.
        labels: dict of string to string, labels of the image, or the label of a file of
            `NAME=VALUE` lines. Default `{}`.
        annotations: dict of string to string, annotations of the manifest and of the index, or
            the label of a file of `NAME=VALUE` lines. Default `{}`.
        exposed_ports: list of string, such as `"8080"` or `"53/udp"`. Default `[]`.
        base_tag: string, the tag of the base in its layout. You need it if the layout has several
            images for the platform; without it these are an error. Default None.
        volumes: list of string, absolute paths of directories that are mounted when the image
            runs. Default `[]`.
        **kwargs: other arguments of `image_layer`, and common attributes (`tags`, `visibility`,
            `testonly`, `exec_properties`, ...) of all targets.
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
