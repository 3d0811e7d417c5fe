"""The compressions of a layer and their spellings."""

visibility(["//js/...", "//layers/...", "//py/..."])

_MEDIA_TYPE = "application/vnd.oci.image.layer.v1.tar"

# Name of a compression to the extension of a layer, its media type, its level if none is said, and
# the range of levels.
COMPRESSIONS = {
    "gzip": struct(extension = ".tar.gz", media_type = _MEDIA_TYPE + "+gzip", level = 5, levels = (0, 12)),
    "none": struct(extension = ".tar", media_type = _MEDIA_TYPE, level = None, levels = None),
    "zstd": struct(extension = ".tar.zst", media_type = _MEDIA_TYPE + "+zstd", level = 3, levels = (1, 22)),
}

def media_type(tar):
    """The media type of a layer.

    Args:
        tar: File of `write_layer` or `concat_layer`; the end of its name says how it is compressed.

    Returns:
        A string, the one that its metadata has.
    """
    for compression in COMPRESSIONS.values():
        if tar.basename.endswith(compression.extension):
            return compression.media_type
    fail("{} is not a layer of this module".format(tar.path))

def parse_compression(attribute, value):
    """Reads the name of a compression.

    Args:
        attribute: string, the attribute to name in an error.
        value: string or None; None and "" mean `none`, as in the tar of bazel-lib.

    Returns:
        A key of `COMPRESSIONS`; fails for anything else.
    """
    value = value or "none"
    if value not in COMPRESSIONS:
        fail("attribute {}: {} is not a compression of an image layer; use one of {}".format(
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

def compression_form(compression, level = None):
    """One string for a compression and its level. The same string means the same bytes.

    Args:
        compression: a key of `COMPRESSIONS`.
        level: int or None for the default of the compression.

    Returns:
        A string, e.g. `zstd:3`.
    """
    if level == None:
        level = COMPRESSIONS[compression].level
    return compression if level == None else "{}:{}".format(compression, level)

def parse_form(form):
    """Takes a string of `compression_form` apart.

    Args:
        form: string.

    Returns:
        A tuple of the compression and its level, int or None.
    """
    compression, _, level = form.partition(":")
    return (compression, int(level) if level else None)
