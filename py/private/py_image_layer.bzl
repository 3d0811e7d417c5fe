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

    The interpreter, the third-party packages and your own code each get a layer. So an edit of
    your code writes one small layer again, and the other layers stay as they were pushed.
    A Bazel toolchain provides the program that writes layers. No action needs a program of the
    machine.

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

    1. `interpreter`: the Python runtime of the toolchain that the binary runs with. There is
       no such layer if the toolchain names a path of the machine (`interpreter_path`).
    2. The groups of the `layer_tier`, then those of `groups`.
    3. `packages`: third-party distributions that are in no group. These are external
       repositories that rules_python tags with the name of a distribution, wheels that
       aspect_rules_py installs, and other files below a `site-packages` of an external
       repository.
    4. `default`: everything else.

    Each file is in exactly one layer, and a layer without files is left out. Each package is
    compressed once for all images. A layer is put together from packages that are already
    compressed.

    If you set `root`, `layer_groups` or `launcher`, no tier applies. The layers are then
    `interpreter`, `packages`, those of `layer_groups`, and `default`. They belong to this image
    only, and each of them is written even if it is empty. The action of a layer has the files of
    that layer as inputs, and no others. The exception is `layer_groups`: which files an
    expression takes is known only when it runs, so these layers have all files as inputs.

    `bazel run :NAME` prints a table of the layers, and `bazel run :NAME.plan` what each layer is
    made of, why, and how large it is. `bazel run :NAME.report` shows the same and all files as
    [a page](../report.md).

    Every build checks the plan. More than 127 layers are an error, and so is a shared object for
    another machine if you set `platform`. Many layers and a large layer `packages` are warnings.
    `--norun_validations` leaves these checks out. See the guide to
    [tiers](../tiers.md#seeing-the-plan).

    All targets are tagged `manual`, so that `bazel build //...` writes no layers.

    Every argument except `name` may be a `select()`. With a `select()` for `root` or
    `layer_groups`, the macro does not know the layers. It then returns `:NAME`, and declares the
    targets that it declares for a tier; `:NAME_groups` has the layers of `layer_groups`.

    Args:
        name: string, name of the target that has all layers, and prefix of the names of the
            other targets.
        binary: label of a py_binary of rules_python or aspect_rules_py, of any version. Give
            either this or `binaries`.
        binaries: list of labels of py_binary targets, instead of `binary`. All of them are in
            one image and share one runfiles tree. Each has a launcher of its own. Not with
            `root`, `layer_groups` or `launcher`. Default None.
        launcher_dir: string, absolute path of the directory for the launchers. Each launcher has
            the name of its target. Not with `root`, `layer_groups` or `launcher`. Default None:
            `/app/bin` for `binaries`; for one `binary`, the launcher is where the tier says.
        root: string, absolute path. If it is set, the binary is at ROOT/PACKAGE/NAME and its
            runfiles are beside it, as in rules_py with `"/"`. Default None: the launcher is where
            the tier says (`/app`), and its runfiles are at `/app.runfiles`, whatever the name of
            the binary is.
        layer_groups: dict of string to string, layer to regular expression. The layer takes the
            files in whose absolute path in the image (`/app.runfiles/...`) the expression is
            found. If several expressions match a file, the first one takes it. Lookaround works.
            An entry that takes no file is a warning. Default `{}`.
        groups: dict of label to string, dependency to layer. The layer takes the dependency,
            such as a model or a program, and everything that it needs. Python distributions
            are not moved: for these, use `groups` of a `layer_tier`. An entry that moves nothing
            is an error. Not with `root`, `layer_groups` or `launcher`. Default `{}`.
        compress: string, `"gzip"`, `"zstd"` or `"none"` (also `None` and `""`), for all layers.
            Default: what the tier says; `"gzip"` if `root`, `layer_groups`, `launcher`,
            `compress_level` or `tar_args` is set.
        compress_level: int, level of the compression: 0 to 12 for gzip (default 5), 1 to 22 for
            zstd (default 3). Other levels are an error, and so is a level for `"none"`.
        tar_args: list of string, arguments of bsdtar, accepted for compatibility with rules_py:
            `--options` with `gzip:!timestamp`, `gzip:compression-level=N` or
            `zstd:compression-level=N`, `--uid N`, `--gid N` and `--numeric-owner`. Any other
            argument is an error. Default `[]`.
        compute_unused_inputs: int, -1, 0 or 1, accepted for compatibility with rules_py. It has
            no effect. Default 1.
        platform: label of the platform that the binary is built for. Default None: the target
            platform of the build.
        owner: string, `"UID:GID"` or `"UID"` in digits, the owner of every entry. Default None:
            what the tier says, or else `"0:0"`.
        group: string, GID in digits, if `owner` is only `"UID"`, as in rules_py. Default None:
            `"0"`.
        mtime: int, modification time of every entry, in seconds since 1970-01-01T00:00:00Z.
            Default 1672560000 (2023-01-01T08:00:00Z).
        layer_tier: label of a `layer_tier` for this image. Not with `root`, `layer_groups` or
            `launcher`. Default None: the tier that the flag `@rules_image_layers//py:layer_tier`
            names.
        group_execution_requirements: dict of string to list of string, layer to the execution
            requirements of the action that writes it, each `"NAME"` or `"NAME=VALUE"`, such as
            `{"cuda": ["no-remote-cache"]}`. `"cpu=2"` and `"resources:NAME=2"` are amounts, like
            Bazel's `"cpu:2"`. They do not apply to the actions that compress packages for all
            images. A name that is not a layer of the image is an error. If the flag names the tier,
            such an entry is ignored instead. Default `{}`.
        hard_links: bool, whether identical files of a unit become hard links. Some files never
            do: those that a program is likely to change in place (`.conf`, `.sqlite`, files that
            the group or others may write, ...), and those that `gunzip` and similar programs
            refuse if they have other links. False writes every file with its content, even if
            the tier says otherwise. Default True.
        group_compress_levels: dict of string to string, layer to the level of its compression,
            such as `{"default": "9"}`. The packages of such a layer are compressed for this image
            alone, so set the level in `compression` of a tier instead, if you can. A name that is
            not a layer of the image is an error. If the flag names the tier, such an entry is
            ignored instead. Default `{}`.
        warn_remote_cache_threshold_mb: int, size in MiB. If the layer `packages` is larger, you
            get a warning that suggests groups. Default 200.
        warn_layer_count: int, number of layers from which on you get a warning. Default 90.
        other_machines: string, `"error"` or `"warning"`: what you get for a program or shared
            object (ELF) that is for another machine than the target platform. Use `"warning"` for
            packages that bring files for several machines. Default None: an error with
            `platform`, else a warning.
        py_binary: label, another name of `binary`, from older versions of rules_py.
        launcher: string, absolute path of the launcher, instead of ROOT/PACKAGE/NAME. Its runfiles
            are beside it. Default None.
        tree_links: string, `"keep"` or `"follow"`: what happens to symlinks in directories that
            actions make. `"keep"` writes a relative link as a link. `"follow"` writes what the
            link leads to instead. In packages, links are always followed. See
            [links in directories](../tiers.md#links-in-directories). Default None: what the tier
            says, or else `"keep"`.
        own_folder: bool, whether `root` puts the binary at ROOT/PACKAGE/NAME/NAME, in a directory
            of its own, as `py_image` does. Default False.
        **kwargs: common attributes (`tags`, `visibility`, `testonly`, `exec_properties`,
            `target_compatible_with`, ...) of all targets.

    Returns:
        A list of labels that together have all layers, in their order. With `root`,
        `layer_groups` or `launcher` it has `:NAME_LAYER` for each layer. Otherwise it is
        `[":NAME"]`, the target that has all layers.

        There are also targets for some of the layers. With a tier, these are `:NAME_interpreter`,
        `:NAME_packages`, `:NAME_default`, and `:NAME_groups` for all groups. A target whose layers
        the image does not have has no files. `:NAME_only_src` has the layer `default`, and
        `:NAME_no_src` all others, as in rules_py.

        `:NAME` has an output group for each layer, by the name of the layer. It also has `sources`
        and `deps` (the same as `:NAME_only_src` and `:NAME_no_src`), `mtree` (the manifests),
        `metadata` (a JSON file for each layer: name, digest, diffID, sizes in bytes, media type,
        number of entries) and `plan` (a JSON file that says what each layer is made of).
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
