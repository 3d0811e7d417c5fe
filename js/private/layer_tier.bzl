"""js_layer_tier: which layers npm packages are in, where they stand and how they are compressed."""

load("//layers:toolchain.bzl", "LAYER_TOOL")
load("//layers/private:fragment.bzl", "write_fragment")
load("//layers/private:glob.bzl", "glob_matches")
load("//layers/private:label_text.bzl", "label_text")
load("//layers/private:manifest.bzl", "add_runfiles")
load("//layers/private:tier.bzl", "RESERVED", "check_group", "check_id", "form_of", "key_hash", "parse_compressions")
load(":layer_groups.bzl", "NODE")
load(":parts.bzl", "js_manifest")

visibility(["//js/..."])

_STORE = "/npm_packages"

# The layer of packages in no group.
PACKAGES = "package_store_3p"

# The layers that are each image's own.
OWN = ["package_store_1p", "node_modules", "app"]

_TAKEN = {
    group: "a layer of each image's own"
    for group in OWN
} | RESERVED | {
    NODE: "the layer of Node.js",
}

JsLayerTierInfo = provider(
    doc = "What a `js_layer_tier` says. `//js:layer_tier` and the attribute `layer_tier` of an image take any target that has it.",
    fields = {
        "compressions": "dict of string: group to how it is compressed, `*` for all others. Example: `{\"*\": \"gzip:6\", \"react\": \"zstd:19\"}`.",
        "groups": "list of string: the layers of packages, in their order. Example: `[\"react\", \"package_store_3p\"]`.",
        "hard_links": "bool: whether identical files of a package are hard links. Example: `True`.",
        "label": "Label of the tier, for messages.",
        "node": "struct of the depset `files` and the Files `part` and `sidecar` of their fragment, or None: Node.js.",
        "owner": "string: `UID:GID` of every shared entry. Example: `0:0`.",
        "packages": "list of structs of the strings `glob` and `group`, in the order of the tries. Example: `[struct(glob = \"react*\", group = \"react\")]`.",
        "store": "string: absolute path of the tree that the packages stand in, each at its path in a runfiles tree. None: no tier, so all stands where rules_js has it. Example: `/npm_packages`.",
        "variants": "list of `JsLayerTierInfo` of the other tiers that fragments are declared for.",
    },
)

def _check_store(store):
    if not store.startswith("/") or ".." in store.split("/") or not store.strip("/") or store.endswith("/"):
        fail("attribute store: {} is no absolute path of a folder without `..`; write e.g. \"/npm_packages\"".format(repr(store)))

def _parse_packages(groups):
    for glob, group in groups.items():
        check_group("groups", group, _TAKEN)
        segments = glob.split("/")
        scoped = glob.startswith("@")
        if len(segments) != (2 if scoped else 1) or "" in segments or "**" in segments or "@" in glob[1:]:
            fail("attribute groups: {} is no glob of a package's name; write e.g. \"react\", \"react*\", \"@aws-sdk/client-s3\" or \"@aws-sdk/*\"".format(repr(glob)))
    return [struct(glob = glob, group = group) for glob, group in groups.items()]

def _node_files(target):
    """What a js_binary has of a Node.js: of a toolchain its program, and not the npm beside it."""
    nodeinfo = getattr(target[platform_common.ToolchainInfo], "nodeinfo", None) if platform_common.ToolchainInfo in target else None
    return depset([nodeinfo.node]) if nodeinfo and nodeinfo.node else target[DefaultInfo].files

def _node_fragment(ctx, tier):
    files = _node_files(ctx.attr.node)
    manifest = js_manifest(ctx, owner = tier.owner)
    add_runfiles(manifest, tier.store, ctx.workspace_name, files = files)
    fragment = write_fragment(
        ctx,
        stem = ctx.label.name + ".node",
        unit = "Node.js",
        manifest = manifest,
        inputs = files,
        form = form_of(tier, NODE),
        hard_links = tier.hard_links,
    )
    return struct(files = files, part = fragment.part, sidecar = fragment.sidecar)

def _js_layer_tier_impl(ctx):
    check_id("owner", ctx.attr.owner)
    check_id("group", ctx.attr.group)
    _check_store(ctx.attr.store)
    packages = _parse_packages(ctx.attr.groups)
    named = {group: None for group in ctx.attr.groups.values()}
    groups = [group for group in named if group != PACKAGES] + [PACKAGES]
    tier = dict(
        compressions = parse_compressions(ctx.attr.compression, [NODE] + groups),
        groups = groups,
        hard_links = ctx.attr.hard_links,
        label = ctx.label,
        owner = "{}:{}".format(ctx.attr.owner, ctx.attr.group),
        packages = packages,
        store = ctx.attr.store,
        variants = [variant[JsLayerTierInfo] for variant in ctx.attr.variants],
    )
    node = _node_fragment(ctx, struct(**tier)) if ctx.files.node else None
    return [JsLayerTierInfo(node = node, **tier)]

js_layer_tier = rule(
    implementation = _js_layer_tier_impl,
    doc = """Says which layers npm packages are in, where they stand and how they are compressed.

```starlark
load("@rules_image_layers//js:defs.bzl", "js_layer_tier")

js_layer_tier(
    name = "tier",
    compression = {"aws": ["zstd", "19"]},
    groups = {
        "@aws-sdk/*": "aws",
        "@smithy/*": "aws",
        "react*": "react",
    },
    node = "@rules_nodejs//nodejs:current_node_runtime",
)
```

All images take it with `--@rules_image_layers//js:layer_tier=//:tier` (put that into
`.bazelrc`), a single one with `js_image_layer(layer_tier = "//:tier")`. See the
[guide](../javascript.md#tiers). The target provides `JsLayerTierInfo`.
""",
    attrs = {
        "compression": attr.string_list_dict(
            doc = "Group to compression and level: `[\"zstd\", \"3\"]`, `[\"gzip\"]`, `[\"none\"]`. The keys are those of `groups`, `\"node\"`, `\"package_store_3p\"`, and `\"*\"` for all that are not named. The image's own layers are as its `compression` says.",
        ),
        "group": attr.string(doc = "Number of the group (gid) of every shared entry.", default = "0"),
        "groups": attr.string_dict(
            doc = "Glob on the name of a third-party package to the layer that it goes to, in the order of the tries: `react`, `react*`, `@aws-sdk/*`. Packages that no glob is for are in the layer `package_store_3p`.",
        ),
        "hard_links": attr.bool(
            doc = "Whether identical files of a package, or of a layer of an image's own, are hard links, so that a layer has them once. Never are what a program is likely to change in place (`.conf`, `.sqlite`, what group or others may write, ...) and files that `gunzip` and the like refuse then.",
            default = True,
        ),
        "node": attr.label(
            doc = "The Node.js toolchain of the binaries, or the files of a Node.js. If all are in a binary's runfiles, its image has them from here, compressed once. Unset, each image has a layer of its own.",
            allow_files = True,
        ),
        "owner": attr.string(doc = "Number of the owner (uid) of every shared entry.", default = "0"),
        "store": attr.string(doc = "Absolute path of the folder that the packages stand in; the runfiles of the binaries link to it.", default = _STORE),
        "variants": attr.label_list(
            doc = "Tiers that images pin and that differ from this one in `compression`, `store`, `owner`, `group` or `hard_links`. While this one is `//js:layer_tier`, packages are compressed once for each such difference rather than once for each image.",
            providers = [JsLayerTierInfo],
        ),
    },
    provides = [JsLayerTierInfo],
    toolchains = LAYER_TOOL,
)

def _no_layer_tier_impl(_):
    return [JsLayerTierInfo(
        compressions = {},
        groups = [],
        hard_links = True,
        label = None,
        node = None,
        owner = None,
        packages = [],
        store = None,
        variants = [],
    )]

no_layer_tier = rule(
    implementation = _no_layer_tier_impl,
    doc = "Everything stands where rules_js has it.",
    provides = [JsLayerTierInfo],
)

def group_of_package(tier, tree):
    """The group that a package is in.

    Args:
        tier: `JsLayerTierInfo`.
        tree: File, the package's folder in the store.

    Returns:
        A string.
    """
    package = _package(tier, tree)
    return package.group if package else PACKAGES

def _package(tier, tree):
    """The first of the tier's packages that a tree is one of, or None."""
    name = package_name(tree)
    for package in tier.packages:
        if glob_matches(name, package.glob):
            return package
    return None

def reason_of_package(tier, tree):
    """Why a package is in its group, for people.

    Args:
        tier: `JsLayerTierInfo`.
        tree: File, the package's folder in the store.

    Returns:
        A string.
    """
    package = _package(tier, tree)
    return "{} of {}".format(repr(package.glob) if package else "no key", label_text(tier.label))

def package_name(tree):
    """The name of a package.

    Args:
        tree: File, the package's folder in the store.

    Returns:
        A string, such as `@scope/name`.
    """
    return tree.short_path.rsplit("/node_modules/", 1)[1]

def package_fragment_key(tier, tree):
    """All that a package's fragment depends on, but for the package.

    Args:
        tier: `JsLayerTierInfo`.
        tree: File.

    Returns:
        A string: the same for two tiers that only group differently.
    """
    return repr((tier.store, tier.owner, tier.hard_links, form_of(tier, group_of_package(tier, tree))))

def declare_package_fragment(ctx, *, stem, tier, tree):
    """Declares the fragment of a package.

    Args:
        ctx: the context of a rule or an aspect with `LAYER_TOOL`.
        stem: string, what the names of the outputs begin with.
        tier: `JsLayerTierInfo`.
        tree: File.

    Returns:
        A struct of the Files `tree`, `part` and `sidecar`, and the string `key` of
        `package_fragment_key`.
    """
    key = package_fragment_key(tier, tree)

    # Two targets share the action.
    manifest = js_manifest(ctx, owner = tier.owner, label = tree.short_path)
    add_runfiles(manifest, tier.store, ctx.workspace_name, files = [tree])
    fragment = write_fragment(
        ctx,
        stem = "{}.{}".format(stem, key_hash(key)),
        unit = tree.short_path,
        manifest = manifest,
        inputs = depset([tree]),
        form = form_of(tier, group_of_package(tier, tree)),
        hard_links = tier.hard_links,
    )
    return struct(tree = tree, key = key, part = fragment.part, sidecar = fragment.sidecar)
