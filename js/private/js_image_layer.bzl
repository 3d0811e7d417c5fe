"""js_image_layer: container image layers from a js_binary."""

load("//layers/private:program.bzl", "program_args")
load("//layers/private:select.bzl", "without_none")
load("//layers/private:targets.bzl", "common_attributes", "manual", "plan_targets")
load(":layers_rule.bzl", "js_image_layers")

visibility(["//js/..."])

def _either(attribute, value, other_name, other):
    """The value of an attribute that has two names; None where neither is given."""
    if value != None and other != None:
        fail("attribute {}: it is another name of {}, which is also given; leave out one of the two".format(other_name, attribute))
    return other if value == None else value

def js_image_layer(
        name,
        binary = None,
        binaries = None,
        launcher_dir = None,
        root = None,
        layer_groups = None,
        layer_tier = None,
        groups = None,
        compression = None,
        compression_level = None,
        compress = None,
        compress_level = None,
        compressor = None,
        compressor_args = None,
        group_compress_levels = None,
        group_execution_requirements = None,
        hard_links = None,
        owner = None,
        file_mode = None,
        directory_mode = None,
        preserve_symlinks = None,
        tree_links = None,
        platform = None,
        other_machines = None,
        warn_layer_count = None,
        **kwargs):
    """Makes container image layers from a js_binary, one tar each.

    It stands in for the rule of that name in [rules_js](https://github.com/aspect-build/rules_js):
    with another `load` statement, every path, mode, owner and symlink stays as it was.

    ```starlark
    load("@rules_image_layers//js:defs.bzl", "js_image_layer")
    load("@rules_oci//oci:defs.bzl", "oci_image")

    js_image_layer(
        name = "layers",
        binary = ":bin",  # a js_binary
        root = "/app",
    )

    oci_image(
        name = "image",
        base = "@debian",
        entrypoint = ["/app/bin"],  # ROOT/PACKAGE/NAME of the binary
        tars = [":layers"],
        workdir = "/app/bin.runfiles/_main",
    )
    ```

    The layers, lowest first, each an output group of its name:

    1. Each of `layer_groups`, which take files before the others do.
    2. `node`: the Node.js toolchain.
    3. `package_store_3p`: third-party npm packages.
    4. `package_store_1p`: first-party npm packages.
    5. `node_modules`: the links into these stores.
    6. `app`: the rest.

    A file is in exactly one layer, or in none if a regular expression of yours stands for
    `app` and no group takes the file. Each layer is written even if it is empty. The default
    layers have their own files as inputs and no others; which files an expression takes is
    known only when it runs, so such a layer has all files as inputs that could be its.

    With a [`js_layer_tier`](#js_layer_tier), third-party packages and Node.js stand outside the
    runfiles, in layers that all images share, and its groups have layers before
    `package_store_3p`.

    Three output groups more: `mtree` (the manifests), `metadata` (a JSON for each layer:
    name, digest, diffID, sizes in bytes, media type, number of entries) and `plan` (a JSON of what each
    layer is made of).

    `bazel run :NAME` prints the table of the layers, and `bazel run :NAME.plan` what each is
    made of, why, and how large that is. `bazel run :NAME.report` shows that, and the files, as
    [a page](../report.md). A build also checks that plan: more than 127 layers are an error; native
    addons and programs for another machine, many layers, and an entry of `layer_groups` that takes nothing are
    warnings (`--norun_validations` leaves it out). `:NAME.plan` and
    `:NAME.report` are tagged `manual`; `:NAME` has the tags that you give it, as in rules_js.

    Every argument but `name` may be a `select()`.

    Args:
        name: string, name of the target that holds all layers, and prefix of the others.
        binary: label of a js_binary of rules_js, or of any executable whose runfiles are laid out as one's.
        binaries: list of labels of such, instead of `binary`: all of them in one image, over one runfiles tree
            at ROOT.runfiles (`/app.runfiles`), each started by a launcher of its own. They need a `layer_tier`.
        launcher_dir: string, absolute path of the folder of the launchers, which have their targets' names.
            Default None: ROOT/bin (`/app/bin`) for those of `binaries`. With a `layer_tier` also for one.
        root: string, folder that holds PACKAGE/NAME of the binary, e.g. `"/app"`. Default: the root of
            the image.
        layer_groups: dict of string to string: layer to JavaScript regular expression, searched in the
            path in the image as rules_js spells it (`./app/bin.runfiles/_main/main.js`), in order;
            lookaround works, and an empty string matches all. These groups take files before the
            default ones; one with the name of a default group takes that one's place. A name is
            letters, digits, `_` and `$`. Default none.
        layer_tier: label of a `js_layer_tier`: npm packages then stand in its store, compressed once for
            all images that have them, and the runfiles link to them. Default None: what the flag
            `@rules_image_layers//js:layer_tier` says; its default is no tier, where every path is that
            of rules_js. The flag does not count with `layer_groups` or `preserve_symlinks`.
        groups: dict of label to string: a dependency that is no package, say a model, to the layer of it and of
            all it needs. They need a `layer_tier`. Default none.
        compression: string, `"gzip"`, `"zstd"` or `"none"`. What else rules_js takes is no compression of
            an image layer. Default `"gzip"`.
        compression_level: int, gzip 0 to 12 (default 5), zstd 1 to 22 (default 3).
        compress: string, another name of `compression`, as `py_image_layer` and `image_layer` call it.
        compress_level: int, another name of `compression_level`.
        compressor: label, accepted for compatibility and never run: `layer_tool` compresses by itself, in
            several threads.
        compressor_args: string, accepted for compatibility and without effect; for a level, see
            `compression_level`.
        group_compress_levels: dict of string to string: layer to the level of its compression, such as
            `{"app": "9"}`. Default none.
        group_execution_requirements: dict of string to list of string: layer to execution requirements of the
            action that writes it, `"NAME"` or `"NAME=VALUE"`, as of `py_image_layer`. Default none.
        hard_links: bool, whether identical files of a layer's unit are hard links, with a `layer_tier`. Never are
            what a program is likely to change in place. False: each is written again, also where the tier says
            otherwise. Default True.
        owner: string, `"UID:GID"` or `"UID"` of every entry, in digits. Default `"0:0"`.
        file_mode: string, mode of files, octal. Default `"0555"`.
        directory_mode: string, mode of folders, octal. Default `"0755"`.
        preserve_symlinks: string, JavaScript regular expression, searched as in `layer_groups`: outputs
            elsewhere that are symlinks become what they point to. Default `".*/node_modules/.*"`.
        tree_links: string, what becomes of the links in the folders that actions make: `"keep"` has a
            relative link stay one, `"follow"` has what it leads to in its place, as rules_js does. Those
            of third-party packages are followed. See [links in folders](../tiers.md#links-in-folders).
            Default None: `"keep"` with a `layer_tier`, else `"follow"`.
        platform: label of the platform that the binary is built for. Default None: the target
            platform of the build.
        other_machines: string, what a program or shared object (ELF) for another machine than the
            target platform's is: `"error"` or `"warning"`. Default `"warning"`: many packages bring some for
            several (`prebuilds`).
        warn_layer_count: int, the number of layers from which on there is a warning. Default 90.
        **kwargs: common attributes (`tags`, `visibility`, `testonly`, `exec_properties`,
            `target_compatible_with`, ...) of all targets.
    """
    js_image_layers(
        name = name,
        **(without_none(dict(
            args = program_args("report", name),
            binaries = binaries,
            binary = binary,
            compression = _either("compression", compression, "compress", compress),
            compression_level = _either("compression_level", compression_level, "compress_level", compress_level),
            compressor = compressor,
            compressor_args = compressor_args,
            directory_mode = directory_mode,
            file_mode = file_mode,
            group_compress_levels = group_compress_levels,
            group_execution_requirements = group_execution_requirements,
            groups = groups,
            hard_links = hard_links,
            launcher_dir = launcher_dir,
            layer_groups = layer_groups,
            layer_tier = layer_tier,
            other_machines = other_machines,
            owner = owner,
            platform = platform,
            preserve_symlinks = preserve_symlinks,
            root = root,
            tree_links = tree_links,
            warn_layer_count = warn_layer_count,
        )) | kwargs)
    )
    plan_targets(name, manual(common_attributes(kwargs)))
