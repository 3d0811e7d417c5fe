"""The rule behind js_image_layer."""

load("//layers:toolchain.bzl", "LAYER_TOOL")
load("//layers/private:compression.bzl", "check_level", "parse_compression")
load("//layers/private:declared_links.bzl", "declared_links_aspect")
load("//layers/private:label_text.bzl", "label_text")
load("//layers/private:layer.bzl", "manifest_file", "write_layer")
load("//layers/private:layout.bzl", "runfiles_path")
load("//layers/private:manifest.bzl", "TREE_LINKS", "check_owner", "symlink_paths")
load("//layers/private:plan.bzl", "PLAN_ATTRS", "check_layer_count", "layers_info", "plan_info", "validate_plan", "write_plan")
load("//layers/private:platform_transition.bzl", "platform_transition")
load("//layers/private:program.bzl", "RUN_ATTRS", "declare_program")
load("//layers/private:regex.bzl", "problem_of_regex")
load(":javascript_regex.bzl", "translate_javascript_regex")
load(":launcher.bzl", "rewrite_launcher")
load(":layer_groups.bzl", "DEFAULT_GROUPS", "NODE", "TIER_GROUPS", "ordered_groups")
load(":layer_tier.bzl", "JsLayerTierInfo")
load(":layers.bzl", "plan_layers")
load(":layout.bzl", "check_root", "image_layout")
load(":packages_aspect.bzl", "packages_aspect")
load(":partition.bzl", "group_tests", "partition")
load(":parts.bzl", "links_of", "make_parts")
load(":shared_layers.bzl", "shared_layers")
load(":slices.bzl", "write_slices")

visibility(["//js/..."])

_PRESERVE_SYMLINKS = ".*/node_modules/.*"

def _check_mode(attribute, mode):
    digits = mode.lstrip("0")
    if not mode or len(digits) > 4 or [digit for digit in digits.elems() if digit not in "01234567"]:
        fail("attribute {}: {} is no octal mode; write e.g. \"0755\"".format(attribute, repr(mode)))

def _check_attributes(ctx):
    check_owner(ctx.attr.owner)
    check_root(ctx.attr.root)
    _check_mode("directory_mode", ctx.attr.directory_mode)
    _check_mode("file_mode", ctx.attr.file_mode)
    compression = parse_compression("compression", ctx.attr.compression)
    level = ctx.attr.compression_level if ctx.attr.compression_level >= 0 else None
    if level != None:
        check_level("compression_level", compression, level)
    return compression, level

def _place(ctx, binary, layout):
    """All files of the image.

    Returns:
        A pair: list of pairs of path in the image and File; and dict, those of them that do not
        stand at the File's own path in the runfiles.
    """
    executable = binary.files_to_run.executable
    launcher = rewrite_launcher(ctx, executable)
    of_launcher = layout.runfiles + "/" + runfiles_path(executable, ctx.workspace_name)
    placed = {layout.launcher: launcher, of_launcher: launcher}
    repo_mapping = getattr(binary.files_to_run, "repo_mapping_manifest", None)
    if repo_mapping:
        placed[layout.runfiles + "/_repo_mapping"] = repo_mapping

    # rules_js declares packages and links at several targets, in shared actions: a File each,
    # of one path.
    of_path = {file.path: file for file in depset(transitive = [binary.files, binary.default_runfiles.files]).to_list()}
    below = layout.runfiles + "/"
    files = [(below + runfiles_path(file, ctx.workspace_name), file) for file in of_path.values()]
    taken = {path: None for path, _ in files}
    if not [path for path in taken if path != of_launcher]:
        fail("attribute binary: {} has no runfiles but itself; give a js_binary".format(ctx.attr.binary[0].label))

    symlinks, root_symlinks = symlink_paths(binary.default_runfiles, ctx.workspace_name)
    links = {below + path: file for path, file in symlinks.items() if below + path not in taken}
    links |= {below + path: file for path, file in root_symlinks.items()}
    placed = links | placed
    return placed.items() + [(path, file) for path, file in files if path not in placed], placed

def _classic_layers(ctx, *, groups, parts, links, compression, level):
    """Declares the layers of rules_js."""
    layers = plan_layers(ctx, groups = groups, parts = parts, links = links)
    result = {}
    for group, layer in layers.items():
        if len(layer.slices) > 1:
            written = write_slices(ctx, layer = group, slices = layer.slices, compression = compression, level = level)
            mtrees = layer.mtrees + written.mtrees
        else:
            written = write_layer(
                ctx,
                layer = group,
                manifests = layer.manifests,
                inputs = layer.inputs,
                compression = compression,
                level = level,
                # As rules_js does.
                by_path = True,
                unused_inputs_list = layer.unused,
            )
            mtrees = layer.mtrees
        result[group] = struct(tar = written.tar, metadata = written.metadata, mtrees = mtrees, units = [])
    return result

def _tier(ctx, classic):
    """The tier of an image; None where all stands as rules_js has it."""
    if ctx.attr.layer_tier and classic:
        fail("attribute layer_tier: packages of a tier are in its groups and are links in the runfiles; leave layer_groups and preserve_symlinks out, or the tier")
    tier = (ctx.attr.layer_tier or ctx.attr._layer_tier)[0][JsLayerTierInfo]
    return None if classic or tier.store == None else tier

def _links(ctx):
    """The expression of paths where symlinks are preserved; None where that is known here."""
    regex = ctx.attr.preserve_symlinks
    if regex == _PRESERVE_SYMLINKS:
        return None
    problem = problem_of_regex(translate_javascript_regex(regex))
    if problem:
        fail("attribute preserve_symlinks: {} is no regular expression: it {}".format(repr(regex), problem))
    return translate_javascript_regex(regex)

def _warnings_of_launcher(ctx, layout):
    digits = ctx.attr.file_mode.lstrip("0")
    if [digit for digit in digits.elems()[-3:] if int(digit) % 2]:
        return []
    return ["attribute file_mode of {}: {} has no x, so nobody can start the launcher /{}; write e.g. \"0555\"".format(label_text(ctx.label), repr(ctx.attr.file_mode), layout.launcher)]

def _whole_unit(group, layer, own, groups):
    """A layer that is one unit: which package has what of it nobody asked."""
    regex = groups.get(group)
    return struct(
        group = group,
        kind = "interpreter" if group == NODE else "own",
        name = "node" if group == NODE else own,
        reason = "layer_groups: " + repr(regex) if regex != None else "a default group",
        sidecar = layer.metadata,
    )

def _image_layers(ctx):
    """Declares the layers: a list of structs of `tar` and `metadata`, and one of all providers but `DefaultInfo`."""
    compression, level = _check_attributes(ctx)
    groups = ordered_groups(ctx.attr.layer_groups)
    binary = ctx.attr.binary[0][DefaultInfo]
    layout = image_layout(ctx.attr.root, ctx.attr.binary[0].label)
    pairs, placed = _place(ctx, binary, layout)

    links = links_of(ctx.attr.binary[0], _links(ctx))
    tier = _tier(ctx, classic = ctx.attr.layer_groups or links.expression != None)
    tests = group_tests(groups, TIER_GROUPS if tier else DEFAULT_GROUPS)
    pairs_of = partition(pairs, tests)
    parts = make_parts(
        ctx,
        layout,
        placed,
        pairs_of,
        tests,
        binary.default_runfiles,
        links,
        keep_tree_links = (ctx.attr.tree_links or ("keep" if tier else "follow")) == "keep",
    )
    if tier:
        layers = shared_layers(ctx, tier = tier, layout = layout, placed = placed, pairs_of = pairs_of, parts = parts, links = links, compression = compression, level = level)
    else:
        layers = _classic_layers(ctx, groups = groups, parts = parts, links = links.expression, compression = compression, level = level)
    check_layer_count("layer_tier" if tier else "layer_groups", len(layers))
    own = label_text(ctx.attr.binary[0].label)
    plan = write_plan(
        ctx,
        layers = [layer.metadata for layer in layers.values()],
        units = [
            unit
            for group, layer in layers.items()
            for unit in layer.units or [_whole_unit(group, layer, own, ctx.attr.layer_groups)]
        ],
    )
    return layers.values(), [
        OutputGroupInfo(
            metadata = depset([layer.metadata for layer in layers.values()]),
            mtree = depset([manifest_file(ctx, group, manifest) for group, layer in layers.items() for manifest in layer.mtrees]),
            plan = depset([plan]),
            _validation = depset([validate_plan(ctx, plan, also = _warnings_of_launcher(ctx, layout))]),
            **{group: depset([layer.tar]) for group, layer in layers.items()}
        ),
        layers_info(layers.values()),
        plan_info(ctx, plan, layers.values()),
    ]

def _js_image_layer_impl(ctx):
    layers, providers = _image_layers(ctx)
    return [DefaultInfo(files = depset([layer.tar for layer in layers]))] + providers

js_image_layer_lib = struct(
    implementation = _js_image_layer_impl,
    attrs = PLAN_ATTRS | {
        "binary": attr.label(
            doc = "A js_binary of rules_js, or any executable whose runfiles are laid out as one's.",
            mandatory = True,
            executable = True,
            aspects = [declared_links_aspect, packages_aspect],
            cfg = platform_transition,
        ),
        "compression": attr.string(
            doc = "`gzip`, `zstd` or `none`. What else rules_js takes is no compression of an image layer.",
            default = "gzip",
        ),
        "compression_level": attr.int(
            doc = "gzip 0 to 12, zstd 1 to 22; -1 for the default (5 and 3).",
            default = -1,
        ),
        "compressor": attr.label(
            doc = "Accepted for compatibility and never run: `layer_tool` compresses by itself, in several threads.",
            cfg = "exec",
        ),
        "compressor_args": attr.string(
            doc = "Accepted for compatibility and without effect; for a level, see `compression_level`.",
        ),
        "directory_mode": attr.string(
            doc = "Mode of folders, octal.",
            default = "0755",
        ),
        "file_mode": attr.string(
            doc = "Mode of files, octal.",
            default = "0555",
        ),
        "layer_groups": attr.string_dict(
            doc = """Layer to JavaScript regular expression, searched in the path in the image as rules_js
spells it (`./app/bin.runfiles/_main/main.js`), in order; lookaround works, and an empty
string matches all. These groups take files before the default ones; one with the name of a
default group takes that one's place. A name is letters, digits, `_` and `$`.""",
        ),
        "layer_tier": attr.label(
            doc = """A `js_layer_tier`: npm packages then stand in its store, compressed once for all
images that have them, and the runfiles link to them. Unset, the flag `//js:layer_tier`
says; its default is no tier, where every path is that of rules_js. The flag does not count
with `layer_groups` or `preserve_symlinks`.""",
            cfg = platform_transition,
            providers = [JsLayerTierInfo],
        ),
        "other_machines": attr.string(
            doc = "What a file for another machine than the target platform's is.",
            # Packages of npm bring prebuilds for several.
            default = "warning",
            values = ["error", "warning"],
        ),
        "owner": attr.string(
            doc = "`UID:GID` of every entry, in digits.",
            default = "0:0",
        ),
        "platform": attr.label(
            doc = "Platform that the binary is built for; unset, the target platform of the build.",
        ),
        "preserve_symlinks": attr.string(
            doc = "JavaScript regular expression, searched as in `layer_groups`: outputs elsewhere that are symlinks become what they point to.",
            default = _PRESERVE_SYMLINKS,
        ),
        "root": attr.string(
            doc = "Folder that holds PACKAGE/NAME of the binary, e.g. `/app`; unset, the root of the image.",
        ),
        "tree_links": attr.string(
            doc = """What becomes of the links in the folders that actions make: `keep` has a relative link stay
one, `follow` has what it leads to in its place, as rules_js does. Those of third-party packages are
followed. Unset, `keep` with a `layer_tier`, else `follow`. See
[links in folders](../tiers.md#links-in-folders).""",
            values = [""] + TREE_LINKS,
        ),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
        "_layer_tier": attr.label(
            default = "//js:layer_tier",
            cfg = platform_transition,
            providers = [JsLayerTierInfo],
        ),
    },
    toolchains = LAYER_TOOL,
)

def _js_image_layers_impl(ctx):
    layers, providers = _image_layers(ctx)
    table = declare_program(ctx, {"--metadata": depset([layer.metadata for layer in layers])})
    return [DefaultInfo(
        files = depset([layer.tar for layer in layers]),
        executable = table.executable,
        runfiles = table.runfiles,
    )] + providers

js_image_layers = rule(
    implementation = _js_image_layers_impl,
    doc = "All layers of a js_binary: see `js_image_layer`, its macro.",
    attrs = js_image_layer_lib.attrs | RUN_ATTRS,
    executable = True,
    toolchains = js_image_layer_lib.toolchains,
)
