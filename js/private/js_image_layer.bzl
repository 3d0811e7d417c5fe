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

    It is a drop-in replacement for the rule of that name in
    [rules_js](https://github.com/aspect-build/rules_js): change the `load` statement, and every
    path, mode, owner and symlink stays as it was.

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

    The layers, lowest first. Each has an output group of its name.

    1. Those of `layer_groups`, which take their files before the others do.
    2. `node`: the Node.js toolchain.
    3. `package_store_3p`: third-party npm packages.
    4. `package_store_1p`: first-party npm packages.
    5. `node_modules`: the links into these two.
    6. `app`: everything else.

    Each file is in exactly one layer. The exception: if you replace the expression of `app`, a
    file that no group takes is in no layer. Each layer is written even if it is empty.

    The action of a default layer has the files of that layer as inputs, and no others. Which
    files an expression of `layer_groups` takes is known only when it runs, so its layer has all
    files as inputs that it could take.

    With a [`js_layer_tier`](#js_layer_tier), third-party packages and Node.js are outside of the
    runfiles, in layers that all images share. The groups of the tier are layers before
    `package_store_3p`.

    There are three more output groups: `mtree` (the manifests), `metadata` (a JSON file for each
    layer: name, digest, diffID, sizes in bytes, media type, number of entries) and `plan` (a JSON
    file that says what each layer is made of).

    `bazel run :NAME` prints a table of the layers, and `bazel run :NAME.plan` what each layer is
    made of, why, and how large it is. `bazel run :NAME.report` shows the same and all files as
    [a page](../report.md).

    Every build checks the plan. More than 127 layers are an error. Native addons and programs for
    another machine, many layers, and an entry of `layer_groups` that takes no file are warnings.
    `--norun_validations` leaves these checks out.

    `:NAME.plan` and `:NAME.report` are tagged `manual`. `:NAME` has only the tags that you give
    it, as in rules_js.

    Every argument except `name` may be a `select()`.

    Args:
        name: string, name of the target that has all layers, and prefix of the names of the
            other targets.
        binary: label of a js_binary of rules_js, or of another executable whose runfiles have the
            same layout. Give either this or `binaries`.
        binaries: list of labels of js_binary targets, instead of `binary`. All of them are in one
            image and share one runfiles tree, ROOT.runfiles (`/app.runfiles`). Each has a
            launcher of its own. It needs a `layer_tier`. Default None.
        launcher_dir: string, absolute path of the directory for the launchers. Each launcher has
            the name of its target. It needs a `layer_tier`. Default None: ROOT/bin (`/app/bin`)
            for `binaries`; for one `binary`, the launcher is at ROOT/PACKAGE/NAME.
        root: string, directory in the image, such as `"/app"`. The binary is at ROOT/PACKAGE/NAME
            and its runfiles are beside it. Default None: the root of the image.
        layer_groups: dict of string to string, layer to JavaScript regular expression. The layer
            takes the files in whose path the expression is found. The path is that in the
            image, as rules_js spells it: `./app/bin.runfiles/_main/main.js`. If several
            expressions match a file, the first one takes it. Lookaround works, and an empty
            string matches every path. An entry with the name of a default layer replaces that
            layer. A name has letters, digits, `_` and `$`. An entry that takes no file is a
            warning. Not with `layer_tier`. Default `{}`.
        layer_tier: label of a `js_layer_tier` or `layer_tier` for this image. npm packages are then
            in the `store` of the tier, where they are compressed once for all images, and the
            runfiles have links to them. Not with `layer_groups` or `preserve_symlinks`.
            Default None: the tier that the flag `@rules_image_layers//js:layer_tier` names. By
            default the flag names no tier, and every path is that of rules_js. An image with
            `layer_groups` or `preserve_symlinks` ignores the flag.
        groups: dict of label to string, dependency to layer. The layer takes the dependency,
            such as a model or a program, and everything that it needs. Packages are not moved:
            for these, use `groups` of a `layer_tier`. An entry that moves nothing is an error. It
            needs a `layer_tier`. Default `{}`.
        compression: string, `"gzip"`, `"zstd"` or `"none"`, for the image's own layers. The other
            compressions of rules_js are an error, because image layers cannot have them. Default
            `"gzip"`.
        compression_level: int, level of the compression: 0 to 12 for gzip (default 5), 1 to 22 for
            zstd (default 3). Other levels are an error, and so is a level for `"none"`.
        compress: string, another name of `compression`, for those who know `py_image_layer`.
        compress_level: int, another name of `compression_level`.
        compressor: label, accepted for compatibility with rules_js. It is never run, because
            `layer_tool` compresses by itself, in several threads.
        compressor_args: string, accepted for compatibility with rules_js. It has no effect. For a
            level, use `compression_level`.
        group_compress_levels: dict of string to string, layer to the level of its compression,
            such as `{"app": "9"}`. A name that is not a layer of the image is an error. If the flag
            names the tier, such an entry is ignored instead. Default `{}`.
        group_execution_requirements: dict of string to list of string, layer to the execution
            requirements of the action that writes it, each `"NAME"` or `"NAME=VALUE"`, such as
            `{"app": ["no-remote-cache"]}`. `"cpu=2"` and `"resources:NAME=2"` are amounts, like
            Bazel's `"cpu:2"`. They do not apply to the actions that compress packages for all
            images. A name that is not a layer of the image is an error. If the flag names the tier,
            such an entry is ignored instead. Default `{}`.
        hard_links: bool, whether identical files of a unit become hard links, with a
            `layer_tier`. Some files never do: those that a program is likely to change in place
            (`.conf`, `.sqlite`, files that the group or others may write, ...), and those that
            `gunzip` and similar programs refuse if they have other links. False writes every
            file with its content, even if the tier says otherwise. Default True.
        owner: string, `"UID:GID"` or `"UID"` in digits, the owner of every entry. Default
            `"0:0"`.
        file_mode: string, octal mode of files. A mode without `x` is a warning, because nobody
            can start the launcher. Default `"0555"`.
        directory_mode: string, octal mode of directories. Default `"0755"`.
        preserve_symlinks: string, JavaScript regular expression, searched in paths as in
            `layer_groups`. Outputs that are symlinks stay symlinks where it is found. Elsewhere
            they become the file that they point to. Not with `layer_tier`. Default
            `".*/node_modules/.*"`.
        tree_links: string, `"keep"` or `"follow"`: what happens to symlinks in directories that
            actions make. `"keep"` writes a relative link as a link. `"follow"` writes what the
            link leads to instead, as rules_js does. In packages, links are always followed. See
            [links in directories](../tiers.md#links-in-directories). Default None: with a
            `layer_tier` what the tier says, else `"follow"`.
        platform: label of the platform that the binary is built for. Default None: the target
            platform of the build.
        other_machines: string, `"error"` or `"warning"`: what you get for a program or shared
            object (ELF) that is for another machine than the target platform. Default
            `"warning"`, because many packages bring files for several machines (`prebuilds`).
        warn_layer_count: int, number of layers from which on you get a warning. Default 90.
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
