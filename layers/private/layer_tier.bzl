"""layer_tier: which layers images have, where their files stand and how they are compressed."""

load(":glob.bzl", "problem_of_glob")
load(":layout.bzl", "DEFAULT_ROOT", "check_root")
load(":manifest.bzl", "TREE_LINKS")
load(":tier.bzl", "RESERVED", "check_group", "check_id", "parse_compressions")
load(":tier_keys.bzl", "parse_key")

visibility(["//layers/...", "//py/..."])

# The layers that are there without any group; a tier can name the first otherwise.
INTERPRETER = "interpreter"
PACKAGES = "packages"
DEFAULT = "default"

# The output groups that have several layers.
OUTPUT_GROUPS = ["deps", "groups", "sources"]

# Names that no group can have.
TAKEN = {DEFAULT: "the layer of what is in no group"} | RESERVED | {
    name: "an output group of its own"
    for name in OUTPUT_GROUPS
}

_FIELDS = {
    "compressions": "dict of string: group to how it is compressed, `*` for all others. Example: `{\"*\": \"gzip:6\", \"science\": \"zstd:19\"}`.",
    "dependencies": "dict of Label to string: a dependency of one image to its group, with all it needs; empty for a `layer_tier`.",
    "distributions": "dict of normalised name (PEP 503) of a distribution to a struct of the strings `group` (that of the whole of it), `key` (as the tier has it) and `repository` (of the key). Example: `{\"numpy\": struct(group = \"science\", key = \"@pip//numpy\", repository = \"pip\")}`.",
    "exclude": "list of string: globs on the path below the runfiles of what packages and the interpreter have and images have not. Example: `[\"**/site-packages/**/tests/**\"]`.",
    "first_party": "list of structs of the strings `repository` (of a module; empty: the main one), `package`, `target` (None: all below the package), `group` and `key`, in the order of the tries. Example: `[struct(repository = \"\", package = \"lib\", target = None, group = \"lib\", key = \"//lib/...\")]`.",
    "groups": "list of string: the layers but `default`, in their order. Example: `[\"interpreter\", \"science\", \"packages\"]`.",
    "hard_links": "bool: whether identical files of a unit are hard links. Example: `True`.",
    "interpreter_group": "string: the group of the interpreter. Example: `interpreter`.",
    "label": "Label of the tier, for messages.",
    "layer_budget": "int: layers that an image has at most; 0: one for each group.",
    "owner": "string: `UID:GID` of every entry. Example: `0:0`.",
    "root": "string: absolute path of the launcher; the runfiles stand at ROOT.runfiles. Example: `/app`.",
    "splits": "dict of normalised name to a list of structs of the strings `glob`, `group`, `key` and `repository`, in the order of the tries. Example: `{\"torch\": [struct(glob = \"**/lib/*.so\", group = \"cuda\", key = \"@pip//torch:**/lib/*.so\", repository = \"pip\")]}`.",
    "strip_prefix": "string: what a launcher's path below ROOT does not have of the binary's path; empty: the launcher stands at ROOT. Example: `services`.",
    "tree_links": "string: what becomes of the links in trees that are no packages, `keep` or `follow`.",
    "variants": "list of `LayerTierInfo` of the other tiers that fragments are declared for.",
}

LayerTierInfo = provider(
    doc = "What a `layer_tier` says. `//py:layer_tier` and the attribute `layer_tier` of an image take any target that has it.",
    fields = _FIELDS,
)

def _parse_groups(ctx):
    distributions = {}
    splits = {}
    first_party = []
    for key, group in ctx.attr.groups.items():
        check_group("groups", group, TAKEN)
        if group == INTERPRETER and ctx.attr.interpreter_group != INTERPRETER:
            fail("attribute groups: {} is the layer of the interpreter, which interpreter_group calls {}; rename the group".format(repr(group), repr(ctx.attr.interpreter_group)))
        parsed = parse_key(key)
        if parsed.package != None:
            first_party.append(struct(repository = parsed.repository, package = parsed.package, target = parsed.target, group = group, key = key))
        if not parsed.distribution:
            continue
        if parsed.glob:
            splits.setdefault(parsed.distribution, []).append(struct(glob = parsed.glob, group = group, key = key, repository = parsed.repository))
        elif parsed.distribution not in distributions:
            distributions[parsed.distribution] = struct(group = group, key = key, repository = parsed.repository)
        elif distributions[parsed.distribution].group != group:
            fail("attribute groups: {} is in two groups as a whole, {} and {}; keep one, or split it by globs (\"@pip//{}:**/*.so\")".format(
                parsed.distribution,
                repr(distributions[parsed.distribution].group),
                repr(group),
                parsed.distribution,
            ))
    return distributions, splits, first_party

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

def _check_strip_prefix(prefix):
    if prefix.startswith("/") or prefix.endswith("/") or ".." in prefix.removeprefix("../").split("/"):
        fail("attribute strip_prefix: {} is no path in the repository; write e.g. \"services\", or \"../REPOSITORY/services\"".format(repr(prefix)))

def _layer_tier_impl(ctx):
    _check_exclude(ctx.attr.exclude)
    _check_strip_prefix(ctx.attr.strip_prefix)
    if ctx.attr.layer_budget < 0:
        fail("attribute layer_budget: {} is no number of layers; write e.g. 20, or 0 for one layer for each group".format(ctx.attr.layer_budget))
    check_id("owner", ctx.attr.owner)
    check_id("group", ctx.attr.group)
    _check_launcher(ctx.attr.root)
    interpreter = ctx.attr.interpreter_group
    check_group("interpreter_group", interpreter, TAKEN)
    distributions, splits, first_party = _parse_groups(ctx)
    named = {group: None for group in ctx.attr.groups.values()}
    groups = [interpreter] + [group for group in named if group not in [interpreter, PACKAGES]] + [PACKAGES]
    return [LayerTierInfo(
        compressions = parse_compressions(ctx.attr.compression, groups + [DEFAULT]),
        dependencies = {},
        distributions = distributions,
        exclude = ctx.attr.exclude,
        first_party = first_party,
        groups = groups,
        hard_links = ctx.attr.hard_links,
        interpreter_group = interpreter,
        label = ctx.label,
        layer_budget = ctx.attr.layer_budget,
        owner = "{}:{}".format(ctx.attr.owner, ctx.attr.group),
        root = ctx.attr.root,
        splits = splits,
        strip_prefix = ctx.attr.strip_prefix,
        tree_links = ctx.attr.tree_links,
        variants = [variant[LayerTierInfo] for variant in ctx.attr.variants],
    )]

layer_tier = rule(
    implementation = _layer_tier_impl,
    doc = """Says which layers images have, where their files stand and how they are compressed.

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
""",
    attrs = {
        "compression": attr.string_list_dict(
            doc = "Group to compression and level: `[\"zstd\", \"3\"]`, `[\"gzip\"]`, `[\"none\"]`. The keys are those of `groups`, `\"packages\"`, `\"default\"`, the interpreter's group, and `\"*\"` for all that are not named.",
        ),
        "exclude": attr.string_list(
            doc = "Globs of files that packages and the interpreter bring and images do not need, on the path below the runfiles: `\"**/site-packages/**/tests/**\"`, `\"**/*.pyi\"`. `*` and `?` stand for no `/`, `**` for any number of folders. Each fragment's sidecar says how many files and bytes they cut. Your own code and data stay.",
        ),
        "group": attr.string(doc = "Number of the group (gid) of every entry.", default = "0"),
        "groups": attr.string_dict(
            doc = "What goes to which layer: a distribution (`@HUB//NAME`; the name of the hub does not matter), those files of one that a glob is for (`@HUB//NAME:GLOB`, on the path below site-packages), or targets and files of the main repository (`//lib`, `//lib:target`, `//lib/...`) or of another module (`@MODULE//lib/...`). Distributions without a group are in the layer `packages`, all else in `default`. A distribution that an image does not have is not missed.",
        ),
        "hard_links": attr.bool(
            doc = "Whether identical files of a unit are hard links, so that a layer has them once. Never are what a program is likely to change in place (`.conf`, `.sqlite`, what group or others may write, ...) and files that `gunzip` and the like refuse then.",
            default = True,
        ),
        "interpreter_group": attr.string(doc = "Group of the interpreter. It may be one of `groups`.", default = INTERPRETER),
        "layer_budget": attr.int(
            doc = "Layers that an image has at most. Set, the largest of the distributions without a group have a layer each, as many as are left; `packages` has the others. How large one is goes by its files, of which a shared object counts as much as a hundred others: sizes are not known before the build. An image whose groups are more fails. 0: all are in `packages`.",
            default = 0,
        ),
        "owner": attr.string(doc = "Number of the owner (uid) of every entry.", default = "0"),
        "root": attr.string(doc = "Absolute path of the launcher in the image. The runfiles stand at ROOT.runfiles, so a package's path does not depend on the binary.", default = DEFAULT_ROOT),
        "strip_prefix": attr.string(
            doc = "Folder of the repository. Set, the launcher of a binary below it stands at ROOT/REST, where REST is the binary's path without the prefix, and finds its runfiles by a link beside it. `../REPOSITORY/FOLDER` is for binaries of another repository, by its canonical name or that of its module. Empty: at ROOT.",
        ),
        "tree_links": attr.string(
            doc = "What becomes of the links in the folders that actions make: `keep` has a relative link stay one, `follow` has what it leads to in its place. Those of packages are followed. See [links in folders](../tiers.md#links-in-folders).",
            default = "keep",
            values = TREE_LINKS,
        ),
        "variants": attr.label_list(
            doc = "Tiers that images pin and that differ from this one in `compression`, `root`, `owner`, `group`, `hard_links` or globs. While this one is `//py:layer_tier`, packages are compressed once for each such difference rather than once for each image.",
            providers = [LayerTierInfo],
        ),
    },
    provides = [LayerTierInfo],
)

def with_changes(tier, changes):
    """A tier with some fields changed.

    Args:
        tier: `LayerTierInfo`.
        changes: dict of field to value.

    Returns:
        A `LayerTierInfo`.
    """
    return LayerTierInfo(**({field: getattr(tier, field) for field in _FIELDS} | changes)) if changes else tier
