"""What a `layer_tier` says."""

visibility(["//js/...", "//layers/...", "//py/..."])

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
