"""image_layer: container image layers from any executable."""

load("//layers:toolchain.bzl", "LAYER_TOOL")
load(":attributes.bzl", "OF_TIER", "check_layout", "image_attrs", "read_binaries", "read_compression", "read_settings")
load(":layers_rule.bzl", "layers_providers", "layout_info")
load(":layout.bzl", "check_root", "image_layout")
load(":manifest.bzl", "DEFAULT_MTIME")
load(":program.bzl", "program_args")
load(":select.bzl", "without_none")
load(":targets.bzl", "TIER_TARGETS", "layer_targets", "manual")
load(":tiered_layers.bzl", "read_tier", "tier_layout", "tier_output_groups", "tiered_layers")

visibility(["//image/...", "//layers/..."])

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
    layout = tier_layout(ctx, tier, binaries[0])
    return layers_providers(ctx, layers, output_groups = tier_output_groups(tier, layers), warnings = warnings) + [
        layout_info(ctx, binaries[0], launcher = layout.launcher, runfiles = layout.runfiles),
    ]

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
    any other target that `bazel run` starts. For Python and JavaScript use `py_image_layer` and
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

    The image starts `/app`, and the runfiles are at `/app.runfiles`. `/app` is a link to the
    executable in its runfiles, so it finds shared libraries and data as with `bazel run`.

    The layers, lowest first:

    1. `interpreter`: targets that say that they are an interpreter (see `UnitInfo`).
    2. The groups of the `layer_tier`, then those of `groups`.
    3. `packages`: third-party packages that are in no group (see `UnitInfo`).
    4. `default`: everything else.

    Each file is in exactly one layer, and a layer without files is left out. See the guide to
    [any executable](../executables.md).

    `bazel run :NAME` prints a table of the layers, and `bazel run :NAME.plan` what each layer is
    made of, why, and how large it is. `bazel run :NAME.report` shows the same and all files as
    [a page](../report.md).

    Every build checks the plan. More than 127 layers are an error, and so is a shared object for
    another machine if you set `platform`. Many layers and a large layer `packages` are warnings.
    `--norun_validations` leaves these checks out. See the guide to
    [tiers](../tiers.md#seeing-the-plan).

    All targets are tagged `manual`, so that `bazel build //...` writes no layers.

    Every argument except `name` may be a `select()`.

    Args:
        name: string, name of the target that has all layers, and prefix of the names of the
            other targets.
        binary: label of the executable. Give either this or `binaries`.
        binaries: list of labels of executables, instead of `binary`. All of them are in one image
            and share one runfiles tree. Each has a launcher of its own. Not with `root` or
            `launcher`. Default None.
        launcher_dir: string, absolute path of the directory for the launchers. Each launcher has
            the name of its target. Not with `root` or `launcher`. Default None: `/app/bin` for
            `binaries`; for one `binary`, the launcher is where the tier says.
        root: string, absolute path. If it is set, the executable is at ROOT/PACKAGE/NAME and its
            runfiles are beside it. Default None: it is where the tier says (`/app`).
        launcher: string, absolute path of the executable, instead of ROOT/PACKAGE/NAME. Its
            runfiles are beside it. Default None.
        groups: dict of label to string, dependency to layer. The layer takes the dependency,
            such as a model or a program, and everything that it needs. Packages are not moved:
            for these, use `groups` of a `layer_tier`. An entry that moves nothing is an error.
            Default `{}`.
        layer_tier: label of a `layer_tier` for this image. Default None: the tier that the flag
            `@rules_image_layers//layers:layer_tier` names, which is the same flag as
            `//py:layer_tier`.
        compress: string, `"gzip"`, `"zstd"` or `"none"` (also `None` and `""`), for all layers.
            Default: what the tier says; `"gzip"` if `compress_level` is set.
        compress_level: int, level of the compression: 0 to 12 for gzip (default 5), 1 to 22 for
            zstd (default 3). Other levels are an error, and so is a level for `"none"`.
        group_compress_levels: dict of string to string, layer to the level of its compression,
            such as `{"default": "9"}`. The packages of such a layer are compressed for this image
            alone, so set the level in `compression` of a tier instead, if you can. A name that is
            not a layer of the image is an error. If the flag names the tier, such an entry is
            ignored instead. Default `{}`.
        group_execution_requirements: dict of string to list of string, layer to the execution
            requirements of the action that writes it, each `"NAME"` or `"NAME=VALUE"`, such as
            `{"models": ["no-remote-cache"]}`. `"cpu=2"` and `"resources:NAME=2"` are amounts, like
            Bazel's `"cpu:2"`. They do not apply to the actions that compress packages for all
            images. A name that is not a layer of the image is an error. If the flag names the tier,
            such an entry is ignored instead. Default `{}`.
        owner: string, `"UID:GID"` or `"UID"` in digits, the owner of every entry. Default None:
            what the tier says, or else `"0:0"`.
        group: string, GID in digits, if `owner` is only `"UID"`. Default None: `"0"`.
        mtime: int, modification time of every entry, in seconds since 1970-01-01T00:00:00Z.
            Default 1672560000 (2023-01-01T08:00:00Z).
        hard_links: bool, whether identical files of a unit become hard links. Some files never
            do: those that a program is likely to change in place (`.conf`, `.sqlite`, files that
            the group or others may write, ...), and those that `gunzip` and similar programs
            refuse if they have other links. False writes every file with its content, even if
            the tier says otherwise. Default True.
        tree_links: string, `"keep"` or `"follow"`: what happens to symlinks in directories that
            actions make. `"keep"` writes a relative link as a link. `"follow"` writes what the
            link leads to instead. In packages, links are always followed. See
            [links in directories](../tiers.md#links-in-directories). Default None: what the tier
            says, or else `"keep"`.
        platform: label of the platform that the executable is built for. Default None: the target
            platform of the build.
        other_machines: string, `"error"` or `"warning"`: what you get for a program or shared
            object (ELF) that is for another machine than the target platform. Use `"warning"` for
            packages that bring files for several machines. Default None: an error with
            `platform`, else a warning.
        warn_layer_count: int, number of layers from which on you get a warning. Default 90.
        warn_remote_cache_threshold_mb: int, size in MiB. If the layer `packages` is larger, you
            get a warning that suggests groups. Default 200.
        **kwargs: common attributes (`tags`, `visibility`, `testonly`, `exec_properties`,
            `target_compatible_with`, ...) of all targets.

    Returns:
        `[":NAME"]`, the target that has all layers.

        There are also targets for some of the layers: `:NAME_interpreter`, `:NAME_packages`,
        `:NAME_default`, and `:NAME_groups` for all groups. A target whose layers the image does not
        have has no files. `:NAME_only_src` has the layer `default`, and `:NAME_no_src` all others.

        `:NAME` has an output group for each layer, by the name of the layer. It also has `sources`
        and `deps` (the same as `:NAME_only_src` and `:NAME_no_src`), `mtree` (the manifests),
        `metadata` (a JSON file for each layer: name, digest, diffID, sizes in bytes, media type,
        number of entries) and `plan` (a JSON file that says what each layer is made of).
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
