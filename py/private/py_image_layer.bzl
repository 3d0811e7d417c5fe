"""py_image_layer: container image layers from a py_binary."""

load("//image/private:report.bzl", "image_plan", "image_report")
load("//image/private:targets.bzl", "manual")
load("//layer_tool/private:compression.bzl", "parse_compression")
load("//layer_tool/private:program.bzl", "program_args")
load("//py/private:image_layers.bzl", "layer_names", "py_image_layers")
load("//py/private:layout.bzl", "DEFAULT_ROOT", "check_root")
load("//py/private:partition.bzl", "DEFAULT_GROUPS")
load("//py/private:tar_args.bzl", "parse_tar_args")
load("//py/private:tiered_layers.bzl", "OF_TIER", "TARGETS", "tiered_layers")
load("//py/private:units.bzl", "DEFAULT_MTIME")

visibility(["//py/..."])

def _check_layer_groups(layer_groups):
    for group in layer_groups:
        if group in DEFAULT_GROUPS:
            fail("attribute layer_groups: {} is a default group, so two layers would have that name; rename yours".format(repr(group)))
        if not group.replace("_", "").replace("-", "").replace(".", "").isalnum():
            fail("attribute layer_groups: {} names no layer; use letters, digits, `_`, `-` and `.`".format(repr(group)))
        if group in ["metadata", "mtree", "plan", "_validation"]:
            fail("attribute layer_groups: {} is an output group of its own; rename yours".format(repr(group)))

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
        mtime = DEFAULT_MTIME,
        layer_tier = None,
        group_execution_requirements = {},
        hard_links = True,
        warn_remote_cache_threshold_mb = 200,
        warn_layer_count = 90,
        other_machines = None,
        py_binary = None,
        launcher = None,
        tree_links = None,
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
        launcher_dir: string, absolute path of the folder of the launchers of `binaries`, which
            have their targets' names. Default None: /app/bin.
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
        owner: string, `"UID:GID"` of every entry, in digits. Default: what the tier says, else
            `"0:0"`.
        mtime: int, seconds since the epoch of every entry. Default 1672560000 (2023-01-01T08:00:00Z).
        layer_tier: label of a `layer_tier` for this image. Default None: that of the flag
            `@rules_image_layers//py:layer_tier`.
        group_execution_requirements: dict of string to list of string: layer to execution
            requirements of the action that writes it, `"NAME"` or `"NAME=VALUE"`, such as
            `{"cuda": ["no-remote-cache"]}`. What compresses a package for all images has none of
            them. Default none.
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
        **kwargs: common attributes (`tags`, `visibility`, `testonly`, `exec_properties`,
            `target_compatible_with`, ...) of all targets.

    Returns:
        A list of labels, which have all layers in their order: with `root` or `layer_groups`
        set, `:NAME_LAYER` for each layer, else `:NAME`, the target that holds them all. There,
        too, a single one is `:NAME_LAYER`, those of the tier's groups are `:NAME_groups`, and a
        layer that the binary has nothing for is a target without files. `:NAME` has an output
        group for each layer by its name, beside `mtree` (the manifests), `metadata` (a JSON for
        each layer: name, digest, diffID, sizes in bytes, media type, number of entries; see the
        OCI image specification's descriptor and rootfs) and `plan` (a JSON of what each layer is
        made of).
    """
    if len([given for given in [binary, py_binary, binaries] if given]) != 1:
        fail("attribute binary: give a py_binary by `binary` (or `py_binary`), or several by `binaries`")
    if launcher_dir and not binaries:
        fail("attribute launcher_dir: {} is for the launchers of several `binaries`; the launcher of one `binary` stands at the root of its layer_tier".format(repr(launcher_dir)))
    if launcher_dir:
        check_root(launcher_dir, "launcher_dir")
    if compute_unused_inputs not in [-1, 0, 1]:
        fail("attribute compute_unused_inputs: {} is not -1, 0 or 1; leave it out, inputs are precise without it".format(repr(compute_unused_inputs)))
    _check_layer_groups(layer_groups)
    if layer_tier and (root or layer_groups):
        fail("attribute layer_tier: {} has a layout and groups of its own; leave out {}".format(repr(layer_tier), "root" if root else "layer_groups"))

    tiered = not root and not layer_groups and not launcher
    if not tiered and (binaries or groups):
        fail("attribute {}: it needs the layout of a tier; leave out {}".format(
            "binaries" if binaries else "groups",
            "root" if root else "layer_groups" if layer_groups else "launcher",
        ))
    if compress == OF_TIER:
        compress = OF_TIER if tiered and compress_level == None and not tar_args else "gzip"
    else:
        compress = parse_compression("compress", compress)
    settings = parse_tar_args(tar_args, compress)
    if compress_level != None:
        settings["compress_level"] = compress_level
    if owner:
        settings["owner"] = owner
    if tree_links != None:
        settings["tree_links"] = tree_links
    settings = dict(
        args = program_args("report", name),
        compress = compress,
        group_execution_requirements = group_execution_requirements,
        hard_links = hard_links,
        mtime = mtime,
        other_machines = other_machines or ("error" if platform else "warning"),
        platform = platform,
        warn_layer_count = warn_layer_count,
        warn_remote_cache_threshold_mb = warn_remote_cache_threshold_mb,
    ) | settings | kwargs

    if tiered:
        tiered_layers(
            name = name,
            binaries = binaries or [binary or py_binary],
            groups = groups,
            launcher_dir = (launcher_dir or DEFAULT_ROOT + "/bin") if binaries else "",
            layer_tier = layer_tier,
            **settings
        )
        names = TARGETS
    else:
        names = layer_names(layer_groups)
        py_image_layers(
            name = name,
            binary = binary or py_binary,
            launcher = launcher,
            layer_groups = layer_groups,
            root = root,
            **settings
        )

    image_plan(
        name = name + ".plan",
        image = name,
        **kwargs
    )

    # It reads all layers, which is only for whoever asks.
    image_report(
        name = name + ".report",
        images = [name],
        **manual(kwargs)
    )

    for layer in names:
        native.filegroup(
            name = "{}_{}".format(name, layer),
            srcs = [name],
            output_group = layer,
            **kwargs
        )

    # `tars` of rules_oci refuses a target without a tar, and which layers of a tier a binary has
    # is not known yet.
    return [":" + name] if tiered else [":{}_{}".format(name, layer) for layer in names]
