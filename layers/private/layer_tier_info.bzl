"""What a `layer_tier` says."""

visibility(["//js/...", "//layers/...", "//py/..."])

_FIELDS = {
    "compressions": "dict of string to string: group to compression and level. `*` stands for all other groups. Example: `{\"*\": \"gzip:6\", \"science\": \"zstd:19\"}`.",
    "dependencies": "dict of Label to string: dependency to group, from `groups` of an image. The group has everything that the dependency needs. Empty for a `layer_tier`.",
    "exclude": "list of string: globs of files of packages and of the interpreter that images leave out. They match the path below the runfiles. Example: `[\"**/site-packages/**/tests/**\"]`.",
    "first_party": "list of structs, one for each key that can name targets, in the order in which they are tried. Fields, all strings: `repository` (the module; empty for the main repository), `package`, `target` (None for all targets below the package), `group` and `key`. Example: `[struct(repository = \"\", package = \"lib\", target = None, group = \"lib\", key = \"//lib/...\")]`.",
    "groups": "list of string: the layers in their order, without `default`. Example: `[\"interpreter\", \"science\", \"packages\"]`.",
    "hard_links": "bool: whether identical files of a unit become hard links. Example: `True`.",
    "interpreter_group": "string: layer of the interpreter. Example: `interpreter`.",
    "interpreters": "tuple of `SharedUnitInfo`: interpreters that the tier compresses, from a toolchain of the binaries (see `node` of `layer_tier`). An image that has all files of one takes it from here.",
    "label": "Label of the tier, for messages. None if there is no tier: then an image has its own layout.",
    "layer_budget": "int: the largest number of layers that an image may have. 0: no limit.",
    "modes": "string: the modes of entries, as keywords of a manifest. Example: `mode=0755`.",
    "mtime": "int: modification time of every entry, in seconds since 1970-01-01T00:00:00Z. Example: `1672560000`.",
    "own_layers": "list of string: the layers that every image has, even if they are empty. Example: `[\"default\"]`.",
    "owner": "string: `UID:GID` of every entry. Example: `0:0`.",
    "package_globs": "list of structs, one for each key whose package name has a `*`. The fields are those of `packages`.",
    "packages": "dict of string to list of structs: the name of a package to its keys. Fields: `number` (int: the position of the key in `groups`; lower numbers are tried first), `name` (string: the package), `glob` (string: which of its files; None for all files that no other key takes), `group` (string), `key` (string, as it is in the tier) and `repository` (string: the hub in the key, or None). Example: `{\"torch\": [struct(name = \"torch\", glob = \"**/lib/*.so\", group = \"cuda\", key = \"@pip//torch:**/lib/*.so\", number = 0, repository = \"pip\")]}`.",
    "packages_group": "string: layer of the packages that are in no group. Example: `packages`.",
    "root": "string: absolute path of the launcher. The runfiles are at ROOT.runfiles. Example: `/app`.",
    "store": "string: absolute path of the directory that has those packages that programs can also find through links, such as npm packages. In it, each package has its path in a runfiles tree, so that paths do not depend on the image. Empty: packages are in the runfiles. Example: `/npm_packages`.",
    "strip_prefix": "string: directory that is removed from the beginning of a binary's path; the rest is the launcher's path below ROOT. Empty: the launcher is at ROOT. Example: `services`.",
    "tree_links": "string: `keep` or `follow`, what happens to symlinks in directories that actions make. Those of packages are always followed. Example: `keep`.",
    "variants": "list of `LayerTierInfo`: the other tiers for which packages are compressed, too. Example: `[]`.",
}

LayerTierInfo = provider(
    doc = "What a `layer_tier` says. The flag `//py:layer_tier` and the attribute `layer_tier` of an image take any target that returns this provider.",
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
