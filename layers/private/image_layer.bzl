"""image_layer: container image layers from any executable."""

load("//layers:toolchain.bzl", "LAYER_TOOL")
load(":attributes.bzl", "OF_TIER", "check_layout", "image_attrs", "read_binaries", "read_compression", "read_settings")
load(":layers_rule.bzl", "layers_providers")
load(":layout.bzl", "check_root", "image_layout")
load(":manifest.bzl", "DEFAULT_MTIME")
load(":program.bzl", "program_args")
load(":select.bzl", "without_none")
load(":targets.bzl", "TIER_TARGETS", "layer_targets", "manual")
load(":tiered_layers.bzl", "read_tier", "tier_output_groups", "tiered_layers")

visibility("//layers/...")

def _launcher(ctx, binaries):
    """Where an image that says it has its launcher; None: as the tier says."""
    check_root(ctx.attr.root)
    check_root(ctx.attr.launcher, "launcher")
    if not ctx.attr.root and not ctx.attr.launcher:
        return None
    check_layout(ctx, "launcher" if ctx.attr.launcher else "root", ["binaries", "launcher_dir"])
    return ctx.attr.launcher or image_layout(ctx.attr.root, binaries[0].label).launcher

def _image_layers_impl(ctx):
    binaries = read_binaries(ctx, "an executable")
    launcher = _launcher(ctx, binaries)
    settings = read_settings(ctx, binaries, compression = read_compression(ctx))
    tier = read_tier(ctx, settings, launcher)
    layers, warnings = tiered_layers(ctx, settings, tier, link_launchers = True)
    return layers_providers(ctx, layers, output_groups = tier_output_groups(tier, layers), warnings = warnings)

image_layers = rule(
    implementation = _image_layers_impl,
    doc = "All layers of executables: see `image_layer`, its macro.",
    attrs = image_attrs("target that can be run"),
    executable = True,
    toolchains = LAYER_TOOL,
)

def image_layer(
        name,
        binary = None,
        binaries = None,
        launcher_dir = None,
        root = None,
        launcher = None,
        groups = {},
        layer_tier = None,
        compress = OF_TIER,
        compress_level = None,
        group_compress_levels = {},
        group_execution_requirements = {},
        owner = None,
        group = None,
        mtime = DEFAULT_MTIME,
        hard_links = True,
        tree_links = None,
        platform = None,
        other_machines = None,
        warn_layer_count = 90,
        warn_remote_cache_threshold_mb = 200,
        **kwargs):
    """Makes container image layers from an executable of any language, one tar each.

    The executable may be a `cc_binary`, `go_binary`, `java_binary`, `rust_binary`, `sh_binary`, or
    whatever else `bazel run` starts. For Python and JavaScript there are `py_image_layer` and
    `js_image_layer`, which also know the interpreter.

    ```starlark
    load("@rules_image_layers//layers:defs.bzl", "image_layer")
    load("@rules_oci//oci:defs.bzl", "oci_image")

    image_layer(
        name = "layers",
        binary = ":server",
        groups = {"//models:large": "models"},
    )

    oci_image(
        name = "image",
        base = "@debian",
        entrypoint = ["/app"],
        tars = [":layers"],
    )
    ```

    The image starts `/app`, and its runfiles are at `/app.runfiles`. `/app` is a link to the executable among
    its runfiles, so shared libraries and data are found as with `bazel run`.

    The layers are those of the `layer_tier`, lowest first: `interpreter` and `packages` for what is one (see
    `UnitInfo`), the groups of the tier and of `groups`, and `default` for all else. A layer without files is
    left out, and a file is in exactly one layer. See the guide to [any executable](../executables.md).

    `bazel run :NAME` prints the table of the layers, `bazel run :NAME.plan` what each is made of and why,
    and `bazel run :NAME.report` shows that and the files as [a page](../report.md). A build also checks the
    plan, as that of `py_image_layer`. All targets are tagged `manual`.

    Every argument but `name` may be a `select()`.

    Args:
        name: string, name of the target that holds all layers, and prefix of the others.
        binary: label of the executable.
        binaries: list of labels of executables, instead of `binary`: all of them in one image, over one
            runfiles tree, each started by a launcher of its own.
        launcher_dir: string, absolute path of the folder of the launchers, which have their
            targets' names. Default None: /app/bin for those of `binaries`; that of one `binary`
            stands where the tier says.
        root: string, absolute path. Set: the executable stands at ROOT/PACKAGE/NAME and its
            runfiles beside it. Default None: it stands where the tier says, at /app.
        launcher: string, absolute path of the executable, in the place of ROOT/PACKAGE/NAME. Default None.
        groups: dict of label to string: a dependency, say a model or a program, to the layer of it and
            of all it needs. Default none.
        layer_tier: label of a `layer_tier` for this image. Default None: that of the flag
            `@rules_image_layers//layers:layer_tier`, which is also `//py:layer_tier`.
        compress: string, `"gzip"`, `"zstd"`, `"none"` (also `None` and `""`), for all layers.
            Default: what the tier says; `"gzip"` where `compress_level` is set.
        compress_level: int, gzip 0 to 12 (default 5), zstd 1 to 22 (default 3).
        group_compress_levels: dict of string to string: layer to the level of its compression,
            such as `{"default": "9"}`. Default none.
        group_execution_requirements: dict of string to list of string: layer to execution
            requirements of the action that writes it, `"NAME"` or `"NAME=VALUE"`, such as
            `{"models": ["no-remote-cache"]}`. Default none.
        owner: string, `"UID:GID"` or `"UID"` of every entry, in digits. Default: what the tier says,
            else `"0:0"`.
        group: string, the GID in digits, beside `owner = "UID"`. Default: `"0"`.
        mtime: int, seconds since the epoch of every entry. Default 1672560000 (2023-01-01T08:00:00Z).
        hard_links: bool, whether identical files of a layer's unit are hard links. Default True.
        tree_links: string, `"keep"` or `"follow"` the links in the folders that actions make. See
            [links in folders](../tiers.md#links-in-folders). Default None: what the tier says, else `"keep"`.
        platform: label of the platform that the executable is built for. Default None: the target
            platform of the build.
        other_machines: string, what a program or shared object (ELF) for another machine than the
            target platform's is: `"error"` or `"warning"`. Default None: an error with `platform`,
            else a warning.
        warn_layer_count: int, the number of layers from which on there is a warning. Default 90.
        warn_remote_cache_threshold_mb: int, MiB that the layer `packages` can have without a
            warning. Default 200.
        **kwargs: common attributes (`tags`, `visibility`, `testonly`, `exec_properties`,
            `target_compatible_with`, ...) of all targets.

    Returns:
        A list of labels, which have all layers in their order: `:NAME`. A single one is
        `:NAME_interpreter`, `:NAME_packages` or `:NAME_default`, those of groups are `:NAME_groups`; one
        that the image has nothing for is a target without files. `:NAME_only_src` is the layer
        `default` and `:NAME_no_src` all others. `:NAME` has an output group for each layer by its
        name, beside `sources` and `deps` (the same as these two), `mtree` (the manifests),
        `metadata` (a JSON for each layer) and `plan`.
    """
    of_layers = manual(kwargs)
    image_layers(
        name = name,
        **(without_none(dict(
            args = program_args("report", name),
            binaries = binaries,
            binary = binary,
            compress = "none" if compress == None else compress,
            compress_level = compress_level,
            group = group,
            group_compress_levels = group_compress_levels,
            group_execution_requirements = group_execution_requirements,
            groups = groups,
            hard_links = hard_links,
            launcher = launcher,
            launcher_dir = launcher_dir,
            layer_tier = layer_tier,
            mtime = mtime,
            other_machines = other_machines,
            owner = owner,
            platform = platform,
            root = root,
            tree_links = tree_links,
            warn_layer_count = warn_layer_count,
            warn_remote_cache_threshold_mb = warn_remote_cache_threshold_mb,
        )) | of_layers)
    )
    layer_targets(name, TIER_TARGETS, of_layers)
    return [":" + name]
