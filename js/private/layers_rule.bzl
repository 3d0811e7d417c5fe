"""The rule behind js_image_layer."""

load("//layers:toolchain.bzl", "LAYER_TOOL")
load("//layers/private:attributes.bzl", "check_groups", "image_attrs", "read_binaries", "read_levels")
load("//layers/private:compression.bzl", "check_level", "parse_compression")
load("//layers/private:label_text.bzl", "label_text")
load("//layers/private:launchers.bzl", "launcher_at", "relative_link", "repo_mapping")
load("//layers/private:layer_tier_info.bzl", "LayerTierInfo")
load("//layers/private:layers_rule.bzl", "layers_providers", "layout_info")
load("//layers/private:layout.bzl", "DEFAULT_ROOT", "check_root", "layout_at", "runfiles_path")
load("//layers/private:manifest.bzl", "symlink_paths")
load("//layers/private:own_layers.bzl", "filter_layers", "layer_writer", "own_layer")
load("//layers/private:plan.bzl", "PACKAGES_ATTRS", "check_layer_count")
load("//layers/private:regex.bzl", "problem_of_regex")
load("//layers/private:tiered_layers.bzl", "read_tier", "warnings_of_keys")
load(":javascript_regex.bzl", "translate_javascript_regex")
load(":launcher.bzl", "js_layout", "rewrite_launcher")
load(":layer_groups.bzl", "DEFAULT_GROUPS", "NODE", "ordered_groups")
load(":partition.bzl", "TREES", "group_tests", "partition")
load(":parts.bzl", "links_of", "make_parts")
load(":slices.bzl", "write_slices")
load(":tier.bzl", "STYLE", "js_tier", "js_units_aspect")
load(":tiered_layers.bzl", "check_store", "js_tiered_layers")
load(":trees.bzl", "PREFIX", "add_trees")

visibility(["//js/..."])

_PRESERVE_SYMLINKS = ".*/node_modules/.*"

# What only an image with a tier can say.
_OF_TIER = ["binaries", "groups", "launcher_dir"]

def _check_mode(attribute, mode):
    digits = mode.lstrip("0")
    if not mode or len(digits) > 4 or [digit for digit in digits.elems() if digit not in "01234567"]:
        fail("attribute {}: {} is not an octal mode; write e.g. \"0755\"".format(attribute, repr(mode)))

def _check_attributes(ctx):
    if ".." in ctx.attr.root.split("/"):
        fail("attribute root: {} climbs out with `..`; write e.g. \"/app\"".format(repr(ctx.attr.root)))
    _check_mode("directory_mode", ctx.attr.directory_mode)
    _check_mode("file_mode", ctx.attr.file_mode)
    compression = parse_compression("compression", ctx.attr.compression)
    level = ctx.attr.compression_level if ctx.attr.compression_level >= 0 else None
    if level != None:
        check_level("compression_level", compression, level)
    return compression, level

def _layout(ctx, binaries):
    """Where launchers and runfiles stand.

    Returns:
        A struct of the strings `root` (as of a tier) and `runfiles` (without a leading slash), and the
        dicts `launchers` (of path in the image to Target) and `launcher_links` (of path to the target
        of a link).
    """
    check_root(ctx.attr.launcher_dir, "launcher_dir")
    if not ctx.attr.binaries and not ctx.attr.launcher_dir:
        layout = js_layout(ctx.attr.root, binaries[0].label)
        return struct(launcher_links = {}, launchers = {layout.launcher[1:]: binaries[0]}, root = layout.launcher, runfiles = layout.runfiles[1:])
    root = "/" + ctx.attr.root.strip("./") if ctx.attr.root.strip("./") else DEFAULT_ROOT
    launchers = {}
    for binary in binaries:
        path = launcher_at(None, binary.label, ctx.attr.launcher_dir or root + "/bin").lstrip("/")
        if path in launchers:
            fail("attribute binaries: two launchers are at /{}, one of them that of {}; rename it".format(path, binary.label))
        launchers[path] = binary
    runfiles = layout_at(root).runfiles

    # A launcher looks for the tree beside itself.
    links = {path + ".runfiles": relative_link("/" + path, runfiles) for path in launchers}
    return struct(launcher_links = links, launchers = launchers, root = root, runfiles = runfiles.lstrip("/"))

def _place(ctx, binaries, layout, runfiles):
    """All files of the image.

    Returns:
        A pair: list of pairs of path in the image and File; and dict, those of them that do not
        stand at the File's own path in the runfiles.
    """
    placed = {}
    below = layout.runfiles + "/"
    for path, binary in layout.launchers.items():
        executable = binary[DefaultInfo].files_to_run.executable
        launcher = rewrite_launcher(ctx, executable, path.rsplit("/", 1)[-1] if layout.launcher_links else None)
        placed |= {path: launcher, below + runfiles_path(executable, ctx.workspace_name): launcher}
    of_launchers = dict(placed)
    mapping = repo_mapping(ctx, binaries)
    if mapping:
        placed[below + "_repo_mapping"] = mapping

    # rules_js declares packages and links at several targets, in shared actions: a File each,
    # of one path.
    files = depset(transitive = [binary[DefaultInfo].files for binary in binaries] + [runfiles.files])
    of_path = {file.path: file for file in files.to_list()}
    files = [(below + runfiles_path(file, ctx.workspace_name), file) for file in of_path.values()]
    taken = {path: None for path, _ in files}
    if not [path for path in taken if path not in of_launchers]:
        fail("attribute binary: {} has no other runfiles than itself; give a js_binary".format(binaries[0].label))

    symlinks, root_symlinks = symlink_paths(runfiles, ctx.workspace_name)
    links = {below + path: file for path, file in symlinks.items() if below + path not in taken}
    links |= {below + path: file for path, file in root_symlinks.items()}
    placed = links | placed
    return placed.items() + [(path, file) for path, file in files if path not in placed], placed

def _classic_layers(ctx, *, groups, parts, links, compression, write):
    """Declares the layers of rules_js."""
    layers, gates = filter_layers(ctx, groups = groups, parts = {group: part for group, part in parts.items() if group != TREES}, prefix = PREFIX, links = links)
    sliced = {
        group: parts[group].slices
        for group, layer in layers.items()
        if layer.whole and len(parts[group].slices) > 1
    }
    if TREES in parts:
        layers = add_trees(ctx, layers, groups = groups, part = parts[TREES], whole = sliced, gates = gates)
    return {
        group: write_slices(
            ctx,
            layer = group,
            slices = sliced[group],
            manifests = layer.manifests,
            compression = compression,
            level = write.level(group),
            execution_requirements = write.requirements.get(group, {}),
        ) if group in sliced else write.layer(group, inputs = layer.inputs, manifests = layer.manifests, unused = layer.unused)
        for group, layer in layers.items()
    }

def _tier(ctx, layout, binaries, classic):
    """The tier of an image; None where all stands as rules_js has it."""
    if ctx.attr.layer_tier and classic:
        fail("attribute layer_tier: it cannot be used with layer_groups or preserve_symlinks; leave these out, or the tier")
    if classic or (ctx.attr.layer_tier or ctx.attr._layer_tier)[0][LayerTierInfo].label == None:
        for attribute in _OF_TIER:
            if getattr(ctx.attr, attribute):
                fail("attribute {}: it needs a `layer_tier`; set one, and leave out layer_groups and preserve_symlinks".format(attribute))
        return None
    settings = struct(binaries = binaries, compression = None, level = None, levels = {}, owner = None, pinned = bool(ctx.attr.layer_tier))
    tier = read_tier(ctx, settings, layout.root, style = STYLE, adapt = js_tier)
    check_store(tier, ["/" + path for path in layout.launchers])
    return tier

def _links(ctx):
    """The expression of paths where symlinks are preserved; None where that is known here."""
    regex = ctx.attr.preserve_symlinks
    if regex == _PRESERVE_SYMLINKS:
        return None
    problem = problem_of_regex(translate_javascript_regex(regex))
    if problem:
        fail("attribute preserve_symlinks: {} is not a regular expression: it {}".format(repr(regex), problem))
    return translate_javascript_regex(regex)

def _warnings_of_launcher(ctx, layout):
    digits = ctx.attr.file_mode.lstrip("0")
    if [digit for digit in digits.elems()[-3:] if int(digit) % 2]:
        return []
    return ["attribute file_mode of {}: {} has no x, so nobody can start the launcher /{}; write e.g. \"0555\"".format(label_text(ctx.label), repr(ctx.attr.file_mode), path) for path in layout.launchers]

def _image_layers(ctx, table):
    compression, level = _check_attributes(ctx)
    groups = ordered_groups(ctx.attr.layer_groups)
    binaries = read_binaries(ctx, "a js_binary")
    layout = _layout(ctx, binaries)
    expression = _links(ctx)
    tier = _tier(ctx, layout, binaries, classic = ctx.attr.layer_groups or expression != None)

    # The runfiles of one binary stay themselves: Bazel walks them to find empty files.
    runfiles = binaries[0][DefaultInfo].default_runfiles
    if len(binaries) > 1:
        runfiles = runfiles.merge_all([binary[DefaultInfo].default_runfiles for binary in binaries[1:]])
    pairs, placed = _place(ctx, binaries, layout, runfiles)
    links = links_of(binaries, expression)

    # By path as rules_js does.
    write = layer_writer(ctx, by_path = not tier, compression = compression, hard_links = not tier or tier.hard_links, level = level, levels = read_levels(ctx))
    warnings = _warnings_of_launcher(ctx, layout)
    if tier:
        layers, assembly = js_tiered_layers(ctx, tier = tier, binaries = binaries, layout = layout, pairs = pairs, placed = placed, runfiles = runfiles, links = links, groups = groups, write = write)
        warnings = warnings + warnings_of_keys(tier, assembly)
    else:
        check_groups(ctx, groups.keys())
        tests = group_tests(groups, DEFAULT_GROUPS)
        parts = make_parts(
            ctx,
            layout,
            placed,
            partition(pairs, tests),
            tests,
            runfiles,
            links,
            keep_tree_links = ctx.attr.tree_links == "keep",
        )
        layers = _classic_layers(ctx, groups = groups, parts = parts, links = links.expression, compression = compression, write = write)
    check_layer_count("layer_tier" if tier else "layer_groups", len(layers))
    own = " ".join([label_text(binary.label) for binary in binaries])
    return layers_providers(ctx, {
        group: layer if hasattr(layer, "fragments") else own_layer(group, layer, interpreter = NODE, own = own, expressions = ctx.attr.layer_groups, reason = "a default group")
        for group, layer in layers.items()
    }, table = table, warnings = warnings) + [
        layout_info(ctx, binaries[0], launcher = "/" + layout.launchers.keys()[0], runfiles = "/" + layout.runfiles),
    ]

def _attrs():
    attrs = image_attrs("js_binary", units = js_units_aspect, flag = Label("//js:layer_tier"))

    # What an image of JavaScript says in another way, or not at all.
    for name in ["compress", "compress_level", "group", "launcher", "mtime"] + PACKAGES_ATTRS.keys():
        attrs.pop(name)
    return attrs

def _js_image_layer_impl(ctx):
    return _image_layers(ctx, table = False)

js_image_layer_lib = struct(
    implementation = _js_image_layer_impl,
    attrs = _attrs() | {
        "compression": attr.string(
            doc = "`gzip`, `zstd` or `none`. The other compressions of rules_js are an error, because image layers cannot have them.",
            default = "gzip",
        ),
        "compression_level": attr.int(
            doc = "Level of the compression: 0 to 12 for gzip, 1 to 22 for zstd; -1 for the default (5 and 3).",
            default = -1,
        ),
        "compressor": attr.label(
            doc = "Accepted for compatibility with rules_js. It is never run, because `layer_tool` compresses by itself, in several threads.",
            cfg = "exec",
        ),
        "compressor_args": attr.string(
            doc = "Accepted for compatibility with rules_js. It has no effect. For a level, use `compression_level`.",
        ),
        "directory_mode": attr.string(
            doc = "Octal mode of directories.",
            default = "0755",
        ),
        "file_mode": attr.string(
            doc = "Octal mode of files.",
            default = "0555",
        ),
        "layer_groups": attr.string_dict(
            doc = """Layer to JavaScript regular expression, searched in the path in the image as rules_js
spells it (`./app/bin.runfiles/_main/main.js`). If several match a file, the first one takes it.
Lookaround works, and an empty string matches every path. An entry with the name of a default layer
replaces that layer. A name has letters, digits, `_` and `$`.""",
        ),
        "other_machines": attr.string(
            doc = "`error` or `warning`: what there is for a file for another machine than the target platform.",
            # Packages of npm bring prebuilds for several.
            default = "warning",
            values = ["error", "warning"],
        ),
        "owner": attr.string(
            doc = "`UID:GID` or `UID` in digits, the owner of every entry.",
            default = "0:0",
        ),
        "preserve_symlinks": attr.string(
            doc = "JavaScript regular expression, searched as in `layer_groups`. Outputs that are symlinks stay symlinks where it is found. Elsewhere they become the file that they point to.",
            default = _PRESERVE_SYMLINKS,
        ),
        "root": attr.string(
            doc = "Directory that has PACKAGE/NAME of the binary, such as `/app`. Empty: the root of the image.",
        ),
    },
    toolchains = LAYER_TOOL,
)

def _js_image_layers_impl(ctx):
    return _image_layers(ctx, table = True)

js_image_layers = rule(
    implementation = _js_image_layers_impl,
    doc = "All layers of a js_binary: see `js_image_layer`, its macro.",
    attrs = js_image_layer_lib.attrs,
    executable = True,
    toolchains = js_image_layer_lib.toolchains,
)
