"""layer_tier: which layers images have, where their files stand and how they are compressed."""

load("//layers:toolchain.bzl", "LAYER_TOOL")
load(":fragment_specs.bzl", "fragment_key", "fragment_specs")
load(":glob.bzl", "problem_of_glob")
load(":layout.bzl", "DEFAULT_ROOT", "check_root")
load(":manifest.bzl", "DEFAULT_MODES", "DEFAULT_MTIME", "TREE_LINKS")
load(":recognisers/node_toolchain.bzl", "recognise")
load(":tier.bzl", "RESERVED", "check_group", "check_id", "parse_compressions")
load(":tier_keys.bzl", "parse_key")
load(":unit_info.bzl", "shared_unit")
load(":units.bzl", "declare_fragment")

visibility(["//js/...", "//layers/...", "//py/..."])

# The layers that are there without any group; a tier can name the first otherwise.
INTERPRETER = "interpreter"
PACKAGES = "packages"
DEFAULT = "default"

# The output groups that are no layer or have several, to what a group of that name is: no group
# can have it.
OUTPUT_GROUPS = RESERVED | {name: "an output group of its own" for name in ["deps", "groups", "sources"]}

def tier_style(*, flag, interpreter, packages, own, compresses_own = True, keeps_packages = False, root = DEFAULT_ROOT, store = "", modes = DEFAULT_MODES, mtime = DEFAULT_MTIME):
    """What images of one language do alike, and what the layers of a tier are called there.

    Args:
        flag: string, the flag that names the tier of all of them.
        interpreter: string, the layer of interpreters.
        packages: string, the layer of packages in no group.
        own: dict of the layers that are each image's own to what they are.
        compresses_own: bool, whether the tier says how these are compressed.
        keeps_packages: bool, whether the layer of packages is written if it is empty, too.
        root: string, where a launcher stands unless the tier says otherwise.
        store: string, as that of `LayerTierInfo`.
        modes: string, as of `new_manifest`.
        mtime: int.

    Returns:
        A struct of these.
    """
    return struct(compresses_own = compresses_own, flag = flag, interpreter = interpreter, keeps_packages = keeps_packages, modes = modes, mtime = mtime, own = own, packages = packages, root = root, store = store)

STYLE = tier_style(flag = "//py:layer_tier", interpreter = INTERPRETER, packages = PACKAGES, own = {DEFAULT: "the layer of what is in no group"})

def own_layers(style):
    """The layers that an image has whatever is in it.

    Args:
        style: struct of `tier_style`.

    Returns:
        A list of string.
    """
    return style.own.keys() + ([style.packages] if style.keeps_packages else [])

def taken_names(style):
    """The names that no group can have, to what each is.

    Args:
        style: struct of `tier_style`.

    Returns:
        A dict of string.
    """
    return style.own | OUTPUT_GROUPS

_FIELDS = {
    "compressions": "dict of string: group to how it is compressed, `*` for all others. Example: `{\"*\": \"gzip:6\", \"science\": \"zstd:19\"}`.",
    "dependencies": "dict of Label to string: a dependency of one image to its group, with all it needs; empty for a `layer_tier`.",
    "exclude": "list of string: globs on the path below the runfiles of what packages and the interpreter have and images have not. Example: `[\"**/site-packages/**/tests/**\"]`.",
    "first_party": "list of structs of the strings `repository` (of a module; empty: the main one), `package`, `target` (None: all below the package), `group` and `key`, in the order of the tries. Example: `[struct(repository = \"\", package = \"lib\", target = None, group = \"lib\", key = \"//lib/...\")]`.",
    "groups": "list of string: the layers but `default`, in their order. Example: `[\"interpreter\", \"science\", \"packages\"]`.",
    "hard_links": "bool: whether identical files of a unit are hard links. Example: `True`.",
    "interpreter_group": "string: the group of the interpreter. Example: `interpreter`.",
    "interpreters": "tuple of `SharedUnitInfo` of interpreters that binaries have from a toolchain, and that the tier compresses. One whose files are all in an image is taken from here.",
    "label": "Label of the tier, for messages; None for no tier, whose images have a layout of their own.",
    "layer_budget": "int: layers that an image has at most; 0: one for each group.",
    "modes": "string: keywords of the modes of entries. Example: `mode=0755`.",
    "mtime": "int: seconds since the epoch of every entry. Example: `1672560000`.",
    "own_layers": "list of string: the layers that an image has whatever is in it. Example: `[\"default\"]`.",
    "owner": "string: `UID:GID` of every entry. Example: `0:0`.",
    "package_globs": "list of structs as in `packages`, of keys whose name has a `*`.",
    "packages": "dict of the name of a package to a list of structs of the int `number` (of the key, in the order of the tries) and the strings `name`, `glob` (of its files; None: all that no other key takes), `group`, `key` (as the tier has it) and `repository` (of the key; None: none). Example: `{\"torch\": [struct(name = \"torch\", glob = \"**/lib/*.so\", group = \"cuda\", key = \"@pip//torch:**/lib/*.so\", number = 0, repository = \"pip\")]}`.",
    "packages_group": "string: the layer of packages in no group. Example: `packages`.",
    "root": "string: absolute path of the launcher; the runfiles stand at ROOT.runfiles. Example: `/app`.",
    "store": "string: absolute path of the tree that packages stand in which programs find by links as well, each at its path in a runfiles tree, so that paths do not depend on the image. Empty: in the runfiles. Example: `/npm_packages`.",
    "strip_prefix": "string: what a launcher's path below ROOT does not have of the binary's path; empty: the launcher stands at ROOT. Example: `services`.",
    "tree_links": "string: what becomes of the links in trees that are no packages, `keep` or `follow`.",
    "variants": "list of `LayerTierInfo` of the other tiers that fragments are declared for.",
}

LayerTierInfo = provider(
    doc = "What a `layer_tier` says. `//py:layer_tier` and the attribute `layer_tier` of an image take any target that has it.",
    fields = _FIELDS,
)

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
            fail("attribute groups: {} is no key of a group: {} is no glob, as it {}".format(repr(key), repr(parsed.glob), problem))
        of_package = struct(name = name, glob = parsed.glob, group = group, key = key, number = number, repository = parsed.repository)
        if "*" in name:
            package_globs.append(of_package)
        else:
            packages.setdefault(name, []).append(of_package)
            if not parsed.glob and wholes.setdefault(name, group) != group:
                fail("attribute groups: {} is in two groups as a whole, {} and {}; keep one, or split it by globs (\"@pip//{}:**/*.so\")".format(
                    name,
                    repr(wholes[name]),
                    repr(group),
                    name,
                ))
    return packages, package_globs, first_party

def _check_launcher(root):
    check_root(root)
    if not root.strip("/") or root.endswith("/"):
        fail("attribute root: {} is no path of a launcher; write e.g. \"/app\" or \"/opt/app\"".format(repr(root)))

def _check_exclude(globs):
    for glob in globs:
        if not glob or glob.startswith("/") or glob.startswith("./"):
            fail("attribute exclude: {} is no glob on a path below the runfiles; write e.g. \"**/site-packages/**/tests/**\"".format(repr(glob)))
        problem = problem_of_glob(glob)
        if problem:
            fail("attribute exclude: {} is no glob: it {}".format(repr(glob), problem))

def _check_store(store):
    if store and (not store.startswith("/") or ".." in store.split("/") or not store.strip("/") or store.endswith("/")):
        fail("attribute store: {} is no absolute path of a folder without `..`; write e.g. \"/npm_packages\"".format(repr(store)))

def _check_strip_prefix(prefix):
    if prefix.startswith("/") or prefix.endswith("/") or ".." in prefix.removeprefix("../").split("/"):
        fail("attribute strip_prefix: {} is no path in the repository; write e.g. \"services\", or \"../REPOSITORY/services\"".format(repr(prefix)))

def _node(ctx, tier):
    """The unit of a Node.js that binaries have from its toolchain."""
    if not ctx.files.node:
        return ()
    found = recognise(ctx.attr.node, ctx)
    files = depset(found.files) if found else ctx.attr.node[DefaultInfo].files
    place = found.place if found else "node"
    (spec,) = fragment_specs(tier, "interpreter", "node", ctx.label, place = place)
    key = fragment_key(tier, spec)
    fragment = declare_fragment(ctx, stem = ctx.label.name + ".node", tier = tier, unit = "Node.js", spec = spec, key = key, files = files)
    return (shared_unit(files = files, fragments = (fragment,), kind = "interpreter", label = ctx.label, name = "node", place = place),)

def _read_tier(ctx, style):
    _check_exclude(ctx.attr.exclude)
    strip_prefix = getattr(ctx.attr, "strip_prefix", "")
    root = getattr(ctx.attr, "root", style.root)
    _check_strip_prefix(strip_prefix)
    if ctx.attr.layer_budget < 0:
        fail("attribute layer_budget: {} is no number of layers; write e.g. 20, or 0 for one layer for each group".format(ctx.attr.layer_budget))
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
        rest = "all else in {}".format(" or ".join(["`{}`".format(name) for name in style.own if name != style.interpreter])),
    )
    return {
        "compression": attr.string_list_dict(
            doc = "Group to compression and level: `[\"zstd\", \"3\"]`, `[\"gzip\"]`, `[\"none\"]`. The keys are those of `groups`, {compressed}, the interpreter's group, and `\"*\"` for all that are not named.".format(**names),
        ),
        "exclude": attr.string_list(
            doc = "Globs of files that packages and the interpreter bring and images do not need, on the path below the runfiles: `\"**/site-packages/**/tests/**\"`, `\"**/*.pyi\"`. `*` and `?` stand for no `/`, `**` for any number of folders, `[a-z]` and `{a,b}` for one of several. Each fragment's sidecar says how many files and bytes they cut. Your own code and data stay.",
        ),
        "group": attr.string(doc = "Number of the group (gid) of every entry.", default = "0"),
        "groups": attr.string_dict(
            doc = "What goes to which layer: a package (`@HUB//NAME` or `NAME`; the name of the hub does not matter, and `*` in NAME stands for any letters: `nvidia-*`, `@aws-sdk/*`), those files of one that a glob as of `exclude` is for (`@HUB//NAME:GLOB`, on the path below site-packages or the folder of the package), or targets and files of the main repository (`//lib`, `//lib:target`, `//lib/...`) or of another module (`@MODULE//lib/...`). Packages without a group are in the layer `{packages}`, {rest}. A package that an image does not have is not missed.".format(**names),
        ),
        "hard_links": attr.bool(
            doc = "Whether identical files of a unit are hard links, so that a layer has them once. Never are what a program is likely to change in place (`.conf`, `.sqlite`, what group or others may write, ...) and files that `gunzip` and the like refuse then.",
            default = True,
        ),
        "interpreter_group": attr.string(doc = "Group of the interpreter. It may be one of `groups`.", default = style.interpreter),
        "layer_budget": attr.int(
            doc = "Layers that an image has at most. Set, the largest of the packages without a group have a layer each, as many as are left; `{packages}` has the others. How large one is goes by its files, of which a shared object counts as much as a hundred others: sizes are not known before the build. An image whose groups are more fails. 0: all are in `{packages}`.".format(**names),
            default = 0,
        ),
        "node": attr.label(
            doc = "The Node.js toolchain of the binaries, or the files of a Node.js. If all are in an image, it has them from here, compressed once, in the layer of the interpreter. Unset, a Node.js that no target of the image is stays in a layer of its own.",
            allow_files = True,
        ),
        "owner": attr.string(doc = "Number of the owner (uid) of every entry.", default = "0"),
        "root": attr.string(doc = "Absolute path of the launcher in the image. The runfiles stand at ROOT.runfiles, so a package's path does not depend on the binary.", default = style.root),
        "store": attr.string(
            doc = "Absolute path of the folder that packages of npm and the Node.js of `node` stand in for `js_image_layer`; the runfiles link to it, so their paths do not depend on the image. Empty: what that has by default.",
            default = style.store,
        ),
        "strip_prefix": attr.string(
            doc = "Folder of the repository. Set, the launcher of a binary below it stands at ROOT/REST, where REST is the binary's path without the prefix, and finds its runfiles by a link beside it. `../REPOSITORY/FOLDER` is for binaries of another repository, by its canonical name or that of its module. Empty: at ROOT.",
        ),
        "tree_links": attr.string(
            doc = "What becomes of the links in the folders that actions make: `keep` has a relative link stay one, `follow` has what it leads to in its place. Those of packages are followed. See [links in folders](../tiers.md#links-in-folders).",
            default = "keep",
            values = TREE_LINKS,
        ),
        "variants": attr.label_list(
            doc = "Tiers that images pin and that differ from this one in `compression`, `root`, `store`, `owner`, `group`, `hard_links` or globs. While this one is `{flag}`, packages are compressed once for each such difference rather than once for each image.".format(**names),
            providers = [LayerTierInfo],
        ),
    }

layer_tier = tier_rule(STYLE, """Says which layers images have, where their files stand and how they are compressed.

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

All images take it with `--@rules_image_layers//py:layer_tier=//:tier` (put that into
`.bazelrc`), a single one with `py_image_layer(layer_tier = "//:tier")`. See the
[guide](../tiers.md). The target provides `LayerTierInfo`.
""")

def with_changes(tier, changes):
    """A tier with some fields changed.

    Args:
        tier: `LayerTierInfo`.
        changes: dict of field to value.

    Returns:
        A `LayerTierInfo`.
    """
    return LayerTierInfo(**({field: getattr(tier, field) for field in _FIELDS} | changes)) if changes else tier

def in_runfiles(tier):
    """The tier of images without links to a store: all stands in the runfiles.

    Args:
        tier: `LayerTierInfo`.

    Returns:
        A `LayerTierInfo`.
    """
    stored = tier.store or [variant for variant in tier.variants if variant.store]
    return with_changes(tier, {"store": "", "variants": [in_runfiles(variant) for variant in tier.variants]}) if stored else tier

def no_tier_info():
    """What stands for no tier: the images have a layout of their own.

    Returns:
        A `LayerTierInfo` without anything.
    """
    return LayerTierInfo(**{field: None for field in _FIELDS})
