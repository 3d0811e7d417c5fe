"""py_image: a whole container image from a py_binary."""

load("//image/private:whole_image.bzl", "whole_image")
load("//layers/private:layout.bzl", "check_root")
load("//layers/private:select.bzl", "is_given", "is_select", "without_none")
load("//py/private:py_image_layer.bzl", "py_image_layer")

visibility(["//py/..."])

def py_image(
        name,
        binary = None,
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
        root = None,
        layer_tier = None,
        py_binary = None,
        base_tag = None,
        volumes = [],
        **kwargs):
    """Makes a container image from a py_binary: an OCI image layout, which is a directory.

    ```starlark
    load("@rules_image_layers//py:defs.bzl", "py_image")

    py_image(
        name = "image",
        base = "@debian",
        binary = ":app",
    )
    ```

    ```sh
    bazel build :image        # the layout, for rules_oci, skopeo, crane, podman and umoci
    bazel run :image.load     # into docker or podman
    bazel run :image.digest   # reads no layer
    bazel build :image.tar    # a docker-archive
    bazel run :image_layers   # a table of the layers
    bazel run :image.report   # a page that shows what is in the image
    ```

    `:NAME_layers` is a `py_image_layer` with the layers of the binary. The image and everything
    in it, such as wheels and the interpreter, are built for `target_platform`. If you set
    `target_platform` or `platforms`, a shared object for another machine is an error
    (see `other_machines` of `py_image_layer`).

    All targets are tagged `manual`, so that `bazel build //...` writes no images.

    Every argument may be a `select()`, except `name`, `target_platform` and `platforms`, which
    decide which targets are declared.

    Args:
        name: string, name of the image, and prefix of the names of the other targets.
        binary: label of a py_binary of rules_python or aspect_rules_py, of any version.
        base: label of an OCI image layout: a directory (from `oci.pull` of rules_oci, or another
            image of these rules), or the files of a layout. The image for the target platform is
            taken from it. Default None: the image has no base.
        layers: list of labels of other layers, which are put below those of the binary, lowest
            first: tars, or targets of `py_image_layer`, `js_image_layer` or `image_layer`.
            Default `[]`.
        target_platform: label of the platform that the image is for. Default None: the target
            platform of the build. A platform that is not Linux is an error.
        platforms: list of labels of platforms. If it is set, the result is an index with an image
            for each platform. Not with `target_platform`. Default `[]`.
        tag: string, the tag of the image in the layout. Default `"latest"`.
        repo_tag: string, `[HOST[:PORT]/]NAME:TAG`, the name under which `:NAME.load` loads the
            image. Default None: `PACKAGE/TARGET:TAG` of the binary, in lower case and without
            characters that registries do not take: `svc/internal/api:latest` for
            `//svc/_internal:api`.
        entrypoint: list of string. Default `[]`: the launcher. If the launcher is a Python script,
            the interpreter in the image starts it. With `root`, only that interpreter.
        cmd: list of string, the words that `docker run IMAGE WORD...` replaces. Default `[]`: the
            `args` of the binary. With `root`, the launcher and then these.
        env: dict of string to string, environment variables, or the label of a file of
            `NAME=VALUE` lines. They are added to the variables of the base and of the binary
            (`env` of py_binary), and replace those with the same name. Default `{}`.
        workdir: string, absolute path of the working directory. Default None: the directory where
            `bazel run` starts, that of the main repository in the runfiles. With `root`:
            ROOT/PACKAGE/NAME.
        user: string, `USER` or `USER:GROUP`, each an id or a name. Default None: that of the base,
            or else root.
        labels: dict of string to string, labels of the image, or the label of a file of
            `NAME=VALUE` lines. Default `{}`.
        annotations: dict of string to string, annotations of the manifest and of the index, or
            the label of a file of `NAME=VALUE` lines. Default `{}`.
        exposed_ports: list of string, such as `"8080"` or `"53/udp"`. Default `[]`.
        root: string, absolute path. If it is set, the launcher is at ROOT/PACKAGE/NAME/NAME and
            its runfiles are beside it. Default None: both are where the tier says.
        layer_tier: label of a `layer_tier` for this image. Not with `root`. Default None: the tier
            that the flag `@rules_image_layers//py:layer_tier` names.
        py_binary: label, another name of `binary`.
        base_tag: string, the tag of the base in its layout. You need it if the layout has several
            images for the platform; without it these are an error. Default None.
        volumes: list of string, absolute paths of directories that are mounted when the image
            runs. Default `[]`.
        **kwargs: other arguments of `py_image_layer`, and common attributes (`tags`,
            `visibility`, `testonly`, `exec_properties`, ...) of all targets.
    """
    if is_given(binary) == is_given(py_binary):
        fail("attribute binary: give a py_binary, either as `binary` or as `py_binary`")
    if not is_select(root):
        check_root(root)
    checks = {"other_machines": "error"} if target_platform or platforms else {}
    whole_image(
        name,
        py_image_layer,
        checks | dict(
            binary = binary if is_given(binary) else py_binary,
            layer_tier = layer_tier,
            own_folder = True,
            root = root,
        ) | without_none(kwargs),
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
