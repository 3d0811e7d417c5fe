"""The compressions of a layer and their spellings."""

visibility(["//js/...", "//layer_tool/...", "//py/..."])

# Name of a compression to the extension of a layer and the range of levels.
COMPRESSIONS = {
    "gzip": struct(extension = ".tar.gz", levels = (0, 12)),
    "none": struct(extension = ".tar", levels = None),
    "zstd": struct(extension = ".tar.zst", levels = (1, 22)),
}

def parse_compression(attribute, value):
    """Reads the name of a compression.

    Args:
        attribute: string, the attribute to name in an error.
        value: string or None; None and "" mean none, as in bazel-lib's tar.

    Returns:
        A key of `COMPRESSIONS`; fails for anything else.
    """
    value = value or "none"
    if value not in COMPRESSIONS:
        fail("attribute {}: {} is no compression of an image layer; use one of {}".format(
            attribute,
            repr(value),
            ", ".join([repr(name) for name in COMPRESSIONS]),
        ))
    return value

def check_level(attribute, compression, level):
    """Fails unless a level is in the range of its compression.

    Args:
        attribute: string, the attribute to name in an error.
        compression: a key of `COMPRESSIONS`.
        level: int.
    """
    levels = COMPRESSIONS[compression].levels
    if levels == None:
        fail("attribute {}: compression \"none\" has no level; leave it out".format(attribute))
    if level < levels[0] or level > levels[1]:
        fail("attribute {}: {} is out of range for {}; use {} to {}".format(attribute, level, compression, levels[0], levels[1]))
