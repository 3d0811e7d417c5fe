"""layer_tier: which layers images have, where their files are, and how they are compressed."""

load("//layers:toolchain.bzl", "LAYER_TOOL")
load(":fragment_specs.bzl", "spec_reader")
load(":glob.bzl", "problem_of_glob")
load(":layer_tier_info.bzl", "LayerTierInfo", "with_changes")
load(":layout.bzl", "check_root")
load(":manifest.bzl", "TREE_LINKS")
load(":owner.bzl", "check_id")
load(":recognisers/node_toolchain.bzl", "recognise")
load(":tier.bzl", "check_group", "parse_compressions")
load(":tier_keys.bzl", "parse_key")
load(":tier_style.bzl", "STYLE", "own_layers", "taken_names")
load(":unit_info.bzl", "shared_unit")
load(":units.bzl", "declare_fragment")

visibility(["//js/...", "//layers/...", "//py/..."])

def _parse_groups(ctx, style):
    packages = {}
    package_globs = []
    wholes = {}
    first_party = []
    for number, (key, group) in enumerate(ctx.attr.groups.items()):
        check_group("groups", group, taken_names(style))
        if group == style.interpreter and ctx.attr.interpreter_group != style.interpreter:
            fail("attribute groups: {} is the layer of the interpreter, which interpreter_group calls {}; rename the group".format(repr(group), repr(ctx.attr.interpreter_group)))
        parsed = parse_key(key)
        if parsed.package != None:
            first_party.append(struct(repository = parsed.repository, package = parsed.package, target = parsed.target, group = group, key = key))
        name = parsed.distribution
        if not name:
            continue
        problem = problem_of_glob(parsed.glob) if parsed.glob else None
        if problem:
            fail("attribute groups: {} is not a key of a group: {} is not a glob: it {}".format(repr(key), repr(parsed.glob), problem))
        of_package = struct(name = name, glob = parsed.glob, group = group, key = key, number = number, repository = parsed.repository)
        if "*" in name:
            package_globs.append(of_package)
        else:
            packages.setdefault(name, []).append(of_package)
            if not parsed.glob and wholes.setdefault(name, group) != group:
                fail("attribute groups: {} is in two groups as a whole, {} and {}; keep one, or split it with globs (\"@pip//{}:**/*.so\")".format(
                    name,
                    repr(wholes[name]),
                    repr(group),
                    name,
                ))
    return packages, package_globs, first_party

def _check_launcher(root):
    check_root(root)
    if not root.strip("/") or root.endswith("/"):
        fail("attribute root: {} cannot be the path of a launcher; write e.g. \"/app\" or \"/opt/app\"".format(repr(root)))

def _check_exclude(globs):
    for glob in globs:
        if not glob or glob.startswith("/") or glob.startswith("./"):
            fail("attribute exclude: {} is not a glob on a path below the runfiles; write e.g. \"**/site-packages/**/tests/**\"".format(repr(glob)))
        problem = problem_of_glob(glob)
        if problem:
            fail("attribute exclude: {} is not a glob: it {}".format(repr(glob), problem))

def _check_store(store):
    if store and (not store.startswith("/") or ".." in store.split("/") or not store.strip("/") or store.endswith("/")):
        fail("attribute store: {} is not an absolute path of a directory without `..`; write e.g. \"/npm_packages\"".format(repr(store)))

def _check_strip_prefix(prefix):
    if prefix.startswith("/") or prefix.endswith("/") or ".." in prefix.removeprefix("../").split("/"):
        fail("attribute strip_prefix: {} is not a path in the repository; write e.g. \"services\", or \"../REPOSITORY/services\"".format(repr(prefix)))

def _node(ctx, tier):
    """The unit of a Node.js that binaries have from its toolchain."""
    if not ctx.files.node:
        return ()
    found = recognise(ctx.attr.node, ctx)
    files = depset(found.files) if found else ctx.attr.node[DefaultInfo].files
    place = found.place if found else "node"
    (spec,) = spec_reader(tier)("interpreter", "node", ctx.label, place = place)
    fragment = declare_fragment(ctx, stem = ctx.label.name + ".node", tier = tier, unit = "Node.js", spec = spec, files = files)
    return (shared_unit(files = files, fragments = (fragment,), kind = "interpreter", label = ctx.label, name = "node", place = place),)

def _read_tier(ctx, style):
    _check_exclude(ctx.attr.exclude)
    strip_prefix = getattr(ctx.attr, "strip_prefix", "")
    root = getattr(ctx.attr, "root", style.root)
    _check_strip_prefix(strip_prefix)
    if ctx.attr.layer_budget < 0:
        fail("attribute layer_budget: {} is not a number of layers; write e.g. 20, or 0 for one layer for each group".format(ctx.attr.layer_budget))
    check_id("owner", ctx.attr.owner)
    check_id("group", ctx.attr.group)
    _check_launcher(root)
    _check_store(ctx.attr.store)
    interpreter = ctx.attr.interpreter_group
    check_group("interpreter_group", interpreter, {name: what for name, what in taken_names(style).items() if name != style.interpreter})
    packages, package_globs, first_party = _parse_groups(ctx, style)
    named = {group: None for group in ctx.attr.groups.values()}
    groups = [interpreter] + [group for group in named if group not in [interpreter, style.packages]] + [style.packages]
    tier = LayerTierInfo(
        compressions = parse_compressions(ctx.attr.compression, groups + (style.own.keys() if style.compresses_own else [])),
        dependencies = {},
        exclude = ctx.attr.exclude,
        first_party = first_party,
        groups = groups,
        hard_links = ctx.attr.hard_links,
        interpreter_group = interpreter,
        interpreters = (),
        label = ctx.label,
        layer_budget = ctx.attr.layer_budget,
        modes = style.modes,
        mtime = style.mtime,
        own_layers = own_layers(style),
        owner = "{}:{}".format(ctx.attr.owner, ctx.attr.group),
        package_globs = package_globs,
        packages = packages,
        packages_group = style.packages,
        root = root,
        store = ctx.attr.store,
        strip_prefix = strip_prefix,
        tree_links = ctx.attr.tree_links,
        variants = [variant[LayerTierInfo] for variant in ctx.attr.variants],
    )
    return with_changes(tier, {"interpreters": _node(ctx, tier)})

def tier_rule(style, doc, without = []):
    """The rule `layer_tier` of a language.

    Args:
        style: struct of `tier_style`.
        doc: string.
        without: list of string, attributes that say nothing there.

    Returns:
        A rule.
    """
    return rule(
        implementation = lambda ctx: [_read_tier(ctx, style)],
        doc = doc,
        attrs = {name: attribute for name, attribute in _attrs(style).items() if name not in without},
        provides = [LayerTierInfo],
        toolchains = LAYER_TOOL,
    )

def _attrs(style):
    names = dict(
        compressed = "`\"{}\"`".format("\"`, `\"".join([style.packages] + (style.own.keys() if style.compresses_own else []))),
        flag = style.flag,
        packages = style.packages,
        rest = "everything else is in {}".format(" or ".join(["`{}`".format(name) for name in style.own if name != style.interpreter])),
    )
    return {
        "compression": attr.string_list_dict(
            doc = "How each group is compressed: group to compression and, if you like, level, such as `[\"zstd\", \"3\"]`, `[\"gzip\"]` or `[\"none\"]`. Levels are 0 to 12 for gzip (default 5) and 1 to 22 for zstd (default 3). A key is a group of `groups`, {compressed}, the group of the interpreter, or `\"*\"` for all groups that are not named. Any other key is an error. Groups that are not named are compressed with gzip.".format(**names),
        ),
        "exclude": attr.string_list(
            doc = "Globs of files of packages and of the interpreter that images do not need, such as `\"**/site-packages/**/tests/**\"` or `\"**/*.pyi\"`. They match the path below the runfiles. `*` and `?` do not match `/`. `**` matches any number of directories. `[a-z]` and `{a,b}` match one of several. The sidecar of each fragment says how many files and bytes are left out. Your own code and data are not affected.",
        ),
        "group": attr.string(doc = "GID of every entry, in digits.", default = "0"),
        "groups": attr.string_dict(
            doc = "Key to layer. A key names a package (`@HUB//NAME` or `NAME`), some files of a package (`@HUB//NAME:GLOB`), or targets and files of the main repository (`//lib`, `//lib:target`, `//lib/...`) or of another module (`@MODULE//lib/...`). The name of the hub does not matter. `*` in NAME stands for any characters: `nvidia-*`, `@aws-sdk/*`. GLOB is as in `exclude`, and matches the path below `site-packages` or below the directory of the package. Packages that no key names are in the layer `{packages}`, {rest}. A key may name a package that an image does not have. A name that a layer cannot have is an error, and so is a package in two groups. See [the layers](../tiers.md#the-layers).".format(**names),
        ),
        "hard_links": attr.bool(
            doc = "Whether identical files of a unit become hard links, so that a layer has their content once. Some files never do: those that a program is likely to change in place (`.conf`, `.sqlite`, files that the group or others may write, ...), and those that `gunzip` and similar programs refuse if they have other links.",
            default = True,
        ),
        "interpreter_group": attr.string(doc = "Layer of the interpreter. It may be one of `groups`.", default = style.interpreter),
        "layer_budget": attr.int(
            doc = "The largest number of layers that an image may have. The groups get their layers first. The largest packages without a group then get a layer each, as many as are left, and `{packages}` has the other packages. Sizes are not known before the build, so the size of a package is estimated by the number of its files, where a shared object counts as 100 files. If the groups alone need more layers, that is an error. 0: no limit, and all packages without a group are in `{packages}`.".format(**names),
            default = 0,
        ),
        "node": attr.label(
            doc = "The Node.js toolchain of the binaries, or the files of a Node.js. An image that has all of these files takes them from here: they are compressed once for all images, and are in the layer of the interpreter. If it is not set, a Node.js that is not a target of the image is in a layer that belongs to the image alone.",
            allow_files = True,
        ),
        "owner": attr.string(doc = "UID of every entry, in digits.", default = "0"),
        "root": attr.string(doc = "Absolute path of the launcher in the image. The runfiles are at ROOT.runfiles. So the path of a package does not depend on the binary.", default = style.root),
        "store": attr.string(
            doc = "Absolute path of the directory that has the npm packages and the Node.js of `node`, in images of `js_image_layer`. The runfiles have links to it. So these paths do not depend on the image. Empty: the default of `js_layer_tier`.",
            default = style.store,
        ),
        "strip_prefix": attr.string(
            doc = "Directory of the repository, such as `services`. The launcher of a binary below it is at ROOT/REST, where REST is the rest of the binary's path: with `services`, `//services/web:server` is at ROOT/web/server. A link beside the launcher leads to the runfiles. `../REPOSITORY/DIRECTORY` is for binaries of another repository, by its canonical name or the name of its module. Empty: the launcher is at ROOT.",
        ),
        "tree_links": attr.string(
            doc = "What happens to symlinks in directories that actions make. `keep` writes a relative link as a link. `follow` writes what the link leads to instead. In packages, links are always followed. See [links in directories](../tiers.md#links-in-directories).",
            default = "keep",
            values = TREE_LINKS,
        ),
        "variants": attr.label_list(
            doc = "Other tiers that images name in `layer_tier`, and that differ from this one in `compression`, `root`, `store`, `owner`, `group`, `hard_links`, `exclude` or globs. If `{flag}` names this tier, packages are compressed once for each such difference, not once for each image.".format(**names),
            providers = [LayerTierInfo],
        ),
    }

layer_tier = tier_rule(STYLE, """Says which layers images have, where their files are, and how they are compressed.

```starlark
load("@rules_image_layers//py:defs.bzl", "layer_tier")

layer_tier(
    name = "tier",
    compression = {"science": ["zstd", "19"]},
    groups = {
        "@pip//numpy": "science",
        "@pip//pandas": "science",
        "@pip//torch:**/lib/*.so": "cuda",
        "//lib/...": "lib",
    },
)
```

To use it for all images, put `common --@rules_image_layers//py:layer_tier=//:tier` into
`.bazelrc`. To use it for one image, write `py_image_layer(layer_tier = "//:tier")`. See the
[guide](../tiers.md). The target provides `LayerTierInfo`.
""")
