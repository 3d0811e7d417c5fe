"""py_image_layer: container image layers from a py_binary."""

load("//layers/private:attributes.bzl", "OF_TIER")
load("//layers/private:manifest.bzl", "DEFAULT_MTIME")
load("//layers/private:program.bzl", "program_args")
load("//layers/private:select.bzl", "is_select", "without_none")
load("//layers/private:targets.bzl", "TIER_TARGETS", "layer_targets", "manual")
load("//py/private:image_layers.bzl", "layer_names")
load("//py/private:layers_rule.bzl", "py_image_layers")

visibility(["//py/..."])

def py_image_layer(
        name,
        binary = None,
        binaries = None,
        launcher_dir = None,
        root = None,
        layer_groups = {},
        groups = {},
        compress = OF_TIER,
        compress_level = None,
        tar_args = [],
        compute_unused_inputs = 1,
        platform = None,
        owner = None,
        group = None,
        mtime = DEFAULT_MTIME,
        layer_tier = None,
        group_execution_requirements = {},
        hard_links = True,
        group_compress_levels = {},
        warn_remote_cache_threshold_mb = 200,
        warn_layer_count = 90,
        other_machines = None,
        py_binary = None,
        launcher = None,
        tree_links = None,
        own_folder = False,
        **kwargs):
    """Makes container image layers from a py_binary, one tar each.

    The third-party packages, the interpreter and the rest are layers of their own, so
    that a change of the application's code rewrites a small layer and the others stay
    as they were pushed. The program that writes them comes with a toolchain: no action
    needs a program of the host.

    ```starlark
    load("@rules_image_layers//py:defs.bzl", "py_image_layer")
    load("@rules_oci//oci:defs.bzl", "oci_image")

    oci_image(
        name = "image",
        base = "@debian",
        entrypoint = ["/app"],
        tars = py_image_layer(
            name = "layers",
            binary = ":app",
        ),
    )
    ```

    The layers, lowest first:

    1. `interpreter`: the Python runtime of the toolchain that the binary runs with. None
       where that is a path of the platform (`interpreter_path`).
    2. The groups of the `layer_tier`.
    3. `packages`: third-party distributions in no group: external repositories that
       rules_python tags with the distribution's name, wheels that aspect_rules_py installs,
       and whatever stands under site-packages in an external repository.
    4. `default`: the rest.

    A file is in exactly one layer, and a layer without files is left out. Each package is
    compressed once for all images: a layer is put together of what is compressed already.

    With `root` or `layer_groups` set, the layers are the image's own: `interpreter`,
    `packages`, each of `layer_groups` and `default`, and each is written even if it is
    empty. A layer's action has that layer's files as inputs and no others, but for
    `layer_groups`: which files an expression takes is known only when it runs.

    The targets are tagged `manual`: `bazel build //...` writes no layers.

    Every argument but `name` may be a `select()`. With one for `root` or `layer_groups` only the
    rule knows the layers, so the macro returns `:NAME`, and the targets are those of a tier:
    `:NAME_groups` has all of `layer_groups`.

    `bazel run :NAME` prints the table of the layers, and `bazel run :NAME.plan` what each is
    made of, why, and how large that is. `bazel run :NAME.report` shows that, and the files, as
    [a page](../report.md). A build also checks that plan, beside all else: more than 127 layers
    are an error, with a `platform` also shared objects for another machine; many layers and a
    large layer `packages` are warnings (`--norun_validations` leaves it out). See the guide to
    [tiers](../tiers.md#seeing-the-plan).

    Args:
        name: string, name of the target that holds all layers, and prefix of the others.
        binary: label of a py_binary of rules_python or aspect_rules_py, of any version.
        binaries: list of labels of py_binary targets, instead of `binary`: all of them in one
            image, over one runfiles tree, each started by a launcher of its own.
        launcher_dir: string, absolute path of the folder of the launchers, which have their
            targets' names. Default None: /app/bin for those of `binaries`; that of one `binary`
            stands where the tier says.
        root: string, absolute path. Set: the binary stands at ROOT/PACKAGE/NAME and its
            runfiles beside it (`"/"` as in rules_py). Default None: the launcher stands
            where the tier says, at /app, and its runfiles at /app.runfiles, whatever the
            binary's name is.
        layer_groups: dict of string to string: layer to regular expression, searched in
            the absolute path in the image (`/app.runfiles/...`), in order; lookaround
            works. Default none.
        groups: dict of label to string: a dependency that is no Python distribution, say a model
            or a program, to the layer of it and of all it needs. Default none.
        compress: string, `"gzip"`, `"zstd"`, `"none"` (also `None` and `""`), for all layers.
            Default: what the tier says; `"gzip"` where `root`, `layer_groups`,
            `compress_level` or `tar_args` is set.
        compress_level: int, gzip 0 to 12 (default 5), zstd 1 to 22 (default 3).
        tar_args: list of string, accepted for compatibility: bsdtar's `--options` with
            `gzip:!timestamp`, `gzip:compression-level=N` or `zstd:compression-level=N`,
            `--uid N`, `--gid N` and `--numeric-owner`; anything else is an error. Default none.
        compute_unused_inputs: int, accepted for compatibility and without effect: inputs are precise without it.
        platform: label of the platform that the binary is built for. Default None: the
            target platform of the build.
        owner: string, `"UID:GID"` or `"UID"` of every entry, in digits. Default: what the tier says,
            else `"0:0"`.
        group: string, the GID in digits, beside `owner = "UID"` as in rules_py. Default: `"0"`.
        mtime: int, seconds since the epoch of every entry. Default 1672560000 (2023-01-01T08:00:00Z).
        layer_tier: label of a `layer_tier` for this image. Default None: that of the flag
            `@rules_image_layers//py:layer_tier`.
        group_execution_requirements: dict of string to list of string: layer to execution
            requirements of the action that writes it, `"NAME"` or `"NAME=VALUE"`, such as
            `{"cuda": ["no-remote-cache"]}`; `"cpu=2"` and `"resources:NAME=2"` are amounts, as
            Bazel's `"cpu:2"`. What compresses a package for all images has none of them. A layer
            that only another tier has is not missed, unless the image names its `layer_tier`.
            Default none.
        group_compress_levels: dict of string to string: layer to the level of its compression,
            such as `{"default": "9"}`. Packages in such a layer are compressed for this image
            alone, so a tier's `compression` is the better place. Default none.
        hard_links: bool, whether identical files of a layer's unit are hard links. Never are what a
            program is likely to change in place (`.conf`, `.sqlite`, what group or others may write,
            ...) and files that `gunzip` and the like refuse then. False: each is written again, also
            where the tier says otherwise. Default True.
        warn_remote_cache_threshold_mb: int, MiB that the layer `packages` can have without a
            warning, which then suggests groups. Default 200.
        warn_layer_count: int, the number of layers from which on there is a warning. Default 90.
        other_machines: string, what a program or shared object (ELF) for another machine than the
            target platform's is: `"error"`, or `"warning"` for packages that bring some for several.
            Default None: an error with `platform`, else a warning.
        py_binary: label, another name of `binary`, as older rules_py called it.
        launcher: string, absolute path of the launcher, in the place of ROOT/PACKAGE/NAME. Default: None.
        tree_links: string, what becomes of the links in the folders that actions make: `"keep"` has
            a relative link stay one, `"follow"` has what it leads to in its place. Those of packages are
            followed. See [links in folders](../tiers.md#links-in-folders). Default None: what the
            tier says, else `"keep"`.
        own_folder: bool, whether `root` has the binary at ROOT/PACKAGE/NAME/NAME, in a folder of its own
            as in `py_image`. Default False.
        **kwargs: common attributes (`tags`, `visibility`, `testonly`, `exec_properties`,
            `target_compatible_with`, ...) of all targets.

    Returns:
        A list of labels, which have all layers in their order: with `root` or `layer_groups`
        set, `:NAME_LAYER` for each layer, else `:NAME`, the target that holds them all. There,
        too, a single one is `:NAME_LAYER`, those of the tier's groups are `:NAME_groups`, and a
        layer that the binary has nothing for is a target without files. `:NAME_only_src` is the
        layer `default` and `:NAME_no_src` all others, as in rules_py. `:NAME` has an output
        group for each layer by its name, beside `sources` and `deps` (the same as these two), `mtree` (the manifests), `metadata` (a JSON for
        each layer: name, digest, diffID, sizes in bytes, media type, number of entries; see the
        OCI image specification's descriptor and rootfs) and `plan` (a JSON of what each layer is
        made of).
    """
    if binary != None and py_binary != None:
        fail("attribute binary: give a py_binary, either as `binary` or as `py_binary`")
    fixed = not is_select(root) and not is_select(layer_groups) and not is_select(launcher)
    classic = fixed and bool(root or layer_groups or launcher)

    # Who builds all targets wants no layer of each; whoever needs one names it.
    of_layers = manual(kwargs)
    py_image_layers(
        name = name,
        **(without_none(dict(
            args = program_args("report", name),
            binaries = binaries,
            binary = py_binary if binary == None else binary,
            compress = "none" if compress == None else compress,
            compress_level = compress_level,
            compute_unused_inputs = compute_unused_inputs,
            group = group,
            group_compress_levels = group_compress_levels,
            group_execution_requirements = group_execution_requirements,
            groups = groups,
            hard_links = hard_links,
            launcher = launcher,
            launcher_dir = launcher_dir,
            layer_groups = layer_groups,
            layer_tier = layer_tier,
            mtime = mtime,
            other_machines = other_machines,
            own_folder = own_folder,
            owner = owner,
            platform = platform,
            root = root,
            tar_args = tar_args,
            tree_links = tree_links,
            warn_layer_count = warn_layer_count,
            warn_remote_cache_threshold_mb = warn_remote_cache_threshold_mb,
        )) | of_layers)
    )

    # Which layers there are only the rule knows, where it is it that knows the layout.
    names = layer_names(layer_groups or {}) if classic else TIER_TARGETS
    layer_targets(name, names, of_layers)

    # `tars` of rules_oci refuses a target without a tar, and which layers of a tier a binary has
    # is not known yet.
    return [":{}_{}".format(name, layer) for layer in names] if classic else [":" + name]
