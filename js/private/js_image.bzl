"""js_image: a whole container image from a js_binary."""

load("//image/private:arguments.bzl", "BinaryArgumentsInfo", "arguments_aspect")
load("//image/private:providers.bzl", "ImageStartInfo")
load("//image/private:targets.bzl", "check_platforms", "image_targets")
load("//layers/private:layout.bzl", "runfiles_path")
load("//layers/private:select.bzl", "join_lists", "without_none")
load("//layers/private:targets.bzl", "common_attributes", "manual")
load(":js_image_layer.bzl", "js_image_layer")
load(":launcher.bzl", "js_layout")
load(":nested_python.bzl", "NestedPythonInfo", "nested_python_aspect")

visibility(["//js/..."])

def _js_start_impl(ctx):
    binary = ctx.attr.binary
    layout = js_layout(ctx.attr.root, binary.label)
    interpreter = binary[NestedPythonInfo].interpreter
    python = "{}/{}".format(layout.runfiles, runfiles_path(interpreter, ctx.workspace_name)) if interpreter else None
    return [ImageStartInfo(
        cmd = binary[BinaryArgumentsInfo].args,
        entrypoint = [layout.launcher],
        env = binary[RunEnvironmentInfo].environment if RunEnvironmentInfo in binary else {},
        label = binary.label,
        launcher = None,
        # Its launcher is no script of Python; those of programs that it runs look for one.
        python = python,
        workdir = "{}/{}".format(layout.runfiles, ctx.workspace_name),
    )]

js_start = rule(
    implementation = _js_start_impl,
    doc = "Tells how a js_binary is started in an image: see `js_image`.",
    attrs = {
        "binary": attr.label(aspects = [arguments_aspect, nested_python_aspect], mandatory = True),
        "root": attr.string(),
    },
    provides = [ImageStartInfo],
)

def js_image(
        name,
        binary,
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
        **kwargs):
    """Makes a container image from a js_binary: an OCI image layout, a directory.

    ```starlark
    load("@rules_image_layers//js:defs.bzl", "js_image")

    js_image(
        name = "image",
        base = "@debian",
        binary = ":bin",
    )
    ```

    `:image`, `:image.load`, `:image.digest`, `:image.report` and `:image.tar` are as of `py_image`, and so are
    all attributes that are not named here. All are tagged `manual`. The launcher is a bash script, so the base has to
    have bash and what else the launcher of rules_js calls.

    Every argument may be a `select()` but `name`, `target_platform` and `platforms`.

    Args:
        name: string, name of the image, and prefix of the other targets.
        binary: label of a js_binary.
        base: label of an OCI image layout. Default None.
        layers: list of labels of further layers below those of the binary. Default none.
        target_platform: label of a platform. Default None: that of the build.
        platforms: list of labels of platforms, of an image each. Default none.
        tag: string. Default `"latest"`.
        repo_tag: string. Default: `PACKAGE/TARGET:TAG` of the binary, as far as registries take that.
        entrypoint: list of string. Default: the launcher, ROOT/PACKAGE/NAME.
        cmd: list of string. Default: the `args` of the binary.
        env: dict of string. Default none.
        workdir: string, absolute path. Default: the folder of the main repository in the runfiles.
        user: string. Default: that of the base, else root.
        labels: dict of string; or the label of a file of `NAME=VALUE` lines, as of `env` and
            `annotations`, too. Default none.
        annotations: dict of string. Default none.
        exposed_ports: list of string. Default none.
        root: string, folder that holds PACKAGE/NAME. Default: the root of the image.
        base_tag: string, the tag of the base in its layout. Default None: there is one image for the platform.
        volumes: list of string. Default none.
        **kwargs: what else `js_image_layer` takes, and common attributes of all targets.
    """
    if "platform" in kwargs:
        fail("attribute platform: an image has a `target_platform`, or several `platforms`; write that instead")
    check_platforms(target_platform, platforms)
    common = manual(common_attributes(kwargs))
    js_image_layer(
        name = name + "_layers",
        binary = binary,
        root = root,
        **(without_none(kwargs) | common)
    )
    js_start(
        name = name + "_start",
        binary = binary,
        root = root,
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
