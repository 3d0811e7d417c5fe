"""Names of files."""

load(":tier.bzl", "key_hash")

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

# Bytes that what a name begins with can have: file systems take 255, and endings, also those of
# Bazel's parameter files and of layer_tool's temporary ones, need some.
_LIMIT = 200

def short_stem(stem):
    """The beginning of a file's name, short enough for any ending.

    Args:
        stem: string, a relative path: the names of targets and groups, say.

    Returns:
        A string: the stem, or its beginning and a hash if it is too long.
    """
    folder, slash, name = stem.rpartition("/")
    if len(name) <= _LIMIT:
        return stem
    hashed = "." + key_hash(name)
    return folder + slash + name[:_LIMIT - len(hashed)] + hashed
