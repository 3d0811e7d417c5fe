"""js_image: a whole container image from a js_binary."""

load("//image/private:whole_image.bzl", "whole_image")
load(":js_image_layer.bzl", "js_image_layer")

visibility(["//js/..."])

def js_image(
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
        root = "",
        base_tag = None,
        volumes = [],
        binaries = None,
        **kwargs):
    """Makes a container image from a js_binary: an OCI image layout, which is a directory.

    ```starlark
    load("@rules_image_layers//js:defs.bzl", "js_image")

    js_image(
        name = "image",
        base = "@debian",
        binary = ":bin",
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

    `:NAME_layers` is a `js_image_layer` with the layers of the binary. The launcher is a bash
    script, so the base must have bash and the other programs that the launcher of rules_js calls.

    All targets are tagged `manual`, so that `bazel build //...` writes no images.

    Every argument may be a `select()`, except `name`, `target_platform` and `platforms`, which
    decide which targets are declared.

    Args:
        name: string, name of the image, and prefix of the names of the other targets.
        binary: label of a js_binary of rules_js.
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
        entrypoint: list of string. Default `[]`: the launcher, ROOT/PACKAGE/NAME.
        cmd: list of string, the words that `docker run IMAGE WORD...` replaces. Default `[]`: the
            `args` of the binary.
        env: dict of string to string, environment variables, or the label of a file of
            `NAME=VALUE` lines. They are added to the variables of the base and of the binary
            (`env` of js_binary), and replace those with the same name. Default `{}`.
        workdir: string, absolute path of the working directory. Default None: the directory where
            `bazel run` starts, that of the main repository in the runfiles.
        user: string, `USER` or `USER:GROUP`, each an id or a name. Default None: that of the base,
            or else root.
        labels: dict of string to string, labels of the image, or the label of a file of
            `NAME=VALUE` lines. Default `{}`.
        annotations: dict of string to string, annotations of the manifest and of the index, or
            the label of a file of `NAME=VALUE` lines. Default `{}`.
        exposed_ports: list of string, such as `"8080"` or `"53/udp"`. Default `[]`.
        root: string, directory in the image, such as `"/app"`. The binary is at ROOT/PACKAGE/NAME
            and its runfiles are beside it. Default `""`: the root of the image.
        base_tag: string, the tag of the base in its layout. You need it if the layout has several
            images for the platform; without it these are an error. Default None.
        volumes: list of string, absolute paths of directories that are mounted when the image
            runs. Default `[]`.
        binaries: list of labels of js_binary targets, instead of `binary`: all of them in one
            image, which starts the first. It needs a `layer_tier`. Default None.
        **kwargs: other arguments of `js_image_layer`, and common attributes (`tags`,
            `visibility`, `testonly`, `exec_properties`, ...) of all targets.
    """
    whole_image(
        name,
        js_image_layer,
        dict(binaries = binaries, binary = binary, root = root) | kwargs,
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
