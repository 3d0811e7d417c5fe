"""py_image: a whole container image from a py_binary."""

load("//image/private:targets.bzl", "check_platforms", "image_targets")
load("//layers/private:layout.bzl", "check_root")
load("//layers/private:select.bzl", "is_given", "is_select", "join_lists", "without_none")
load("//layers/private:targets.bzl", "common_attributes", "manual")
load("//py/private:py_image_layer.bzl", "py_image_layer")
load("//py/private:start.bzl", "py_start")

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
    """Makes a container image from a py_binary: an OCI image layout, a directory.

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
    bazel run :image.digest   # no layer is read for it
    bazel build :image.tar    # a docker-archive
    bazel run :image_layers   # the table of the layers
    bazel run :image.report   # a page of what is in the image
    ```

    The layers of the binary are those of `py_image_layer`, at `:NAME_layers`. The image and
    what is in it are built for `target_platform`: wheels and interpreter with it. A shared
    object for another machine is an error then (`other_machines` of `py_image_layer`).

    All targets are tagged `manual`, as of `py_image_layer`: `bazel build //...` writes no image.

    Every argument may be a `select()` but `name`, `target_platform` and `platforms`, which decide
    which targets there are.

    Args:
        name: string, name of the image, and prefix of the other targets.
        binary: label of a py_binary of rules_python or aspect_rules_py, of any version.
        base: label of an OCI image layout: a directory (such as rules_oci pulls, or another
            image of these rules), or the files of one. The image for the target platform is taken from it.
            Default None: the image consists of the layers alone.
        layers: list of labels of further layers below those of the binary, lowest first: tars,
            or targets of `py_image_layer` and `js_image_layer`. Default none.
        target_platform: label of the platform that the image is for. Default None: the
            target platform of the build, which must be Linux.
        platforms: list of labels of platforms: the image becomes an index with an image for
            each. Default none.
        tag: string, the tag in the layout. Default `"latest"`.
        repo_tag: string, the name under which the image is loaded, `[HOST[:PORT]/]NAME:TAG`.
            Default: `PACKAGE/TARGET:TAG` of the binary, in lower case and without what no
            registry takes in a name: `svc/internal/api:latest` for `//svc/_internal:api`.
        entrypoint: list of string. Default: the launcher; where that is a Python script, by
            the interpreter in the image. With `root`: only that interpreter.
        cmd: list of string, which `docker run IMAGE WORD...` replaces. Default: the `args` of
            the binary, with `root` after the launcher's path.
        env: dict of string, variables of the environment; they stand beside those of the
            binary (`env` of py_binary) and of the base. Default none.
        workdir: string, absolute path. Default: where `bazel run` starts it, the folder of the
            main repository in the runfiles. With `root`: /PACKAGE/NAME below it.
        user: string, `USER` or `USER:GROUP`, each an id or a name. Default: that of the base, else root.
        labels: dict of string, labels of the image; or the label of a file of `NAME=VALUE` lines, as
            of `env` and `annotations`, too. Default none.
        annotations: dict of string, annotations of the manifest, and of the index. Default none.
        exposed_ports: list of string, `"8080"` or `"53/udp"`. Default none.
        root: string, absolute path, or None for the layout of the tier. Set: the launcher
            stands at ROOT/PACKAGE/NAME/NAME, with its runfiles beside it.
        layer_tier: label of a `layer_tier`. Default None: that of the flag.
        py_binary: label, another name of `binary`.
        base_tag: string, the tag of the base in its layout, where that has several images for the
            platform. Default None: there is one.
        volumes: list of string, absolute paths of folders whose content is none of the image's. Default none.
        **kwargs: what else `py_image_layer` takes, and common attributes (`tags`,
            `visibility`, `testonly`, `exec_properties`, ...) of all targets.
    """
    if is_given(binary) == is_given(py_binary):
        fail("attribute binary: give a py_binary, either as `binary` or as `py_binary`")
    if "platform" in kwargs:
        fail("attribute platform: an image has a `target_platform`, or several `platforms`; write that instead")
    check_platforms(target_platform, platforms)
    if not is_select(root):
        check_root(root)
    binary = binary if is_given(binary) else py_binary
    common = manual(common_attributes(kwargs))
    checks = {"other_machines": "error"} if target_platform or platforms else {}
    py_image_layer(
        name = name + "_layers",
        binary = binary,
        layer_tier = layer_tier,
        own_folder = True,
        root = root,
        **(checks | without_none(kwargs) | common)
    )
    py_start(
        name = name + "_start",
        binary = binary,
        layers = name + "_layers",
        **common
    )
    image_targets(
        name = name,
        annotations = annotations,
        base = base,
        base_tag = base_tag,
        cmd = cmd,
        common = common,
        entrypoint = entrypoint,
        env = env,
        exposed_ports = exposed_ports,
        labels = labels,
        layers = join_lists(layers, [name + "_layers"]),
        platforms = platforms,
        repo_tag = repo_tag,
        start = name + "_start",
        tag = tag,
        target_platform = target_platform,
        user = user,
        volumes = volumes,
        workdir = workdir,
    )
