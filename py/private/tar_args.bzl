"""Arguments of bsdtar that rules_py's py_image_layer took, as settings of ours."""

load("//layers/private:owner.bzl", "is_id")

visibility(["//py/..."])

_OPTIONS_FLAG = "--options"

def parse_tar_args(tar_args, compression):
    """Maps tar_args to settings.

    Args:
        tar_args: list of string, as given to rules_py's py_image_layer.
        compression: string, the compression of the layers.

    Returns:
        A dict with those of `compress_level` (int) and `owner` (string) that the
        arguments set; fails for an argument that has no meaning here.
    """
    settings = {}
    ids = {"--gid": "0", "--uid": "0"}
    value_of = None
    for arg in tar_args:
        flag, equals, value = (value_of, "=", arg) if value_of else arg.partition("=")
        value_of = None
        if flag in [_OPTIONS_FLAG] + list(ids) and not equals:
            value_of = flag
        elif flag == _OPTIONS_FLAG:
            for option in value.split(","):
                settings.update(_parse_option(option, compression))
        elif flag in ids and is_id(value):
            ids[flag] = value
            settings["owner"] = "{}:{}".format(ids["--uid"], ids["--gid"])
        elif arg != "--numeric-owner":
            # Owners are numeric here anyway.
            _fail(arg, "remove it, or use the attributes compress, compress_level, owner and mtime")
    if value_of:
        _fail(value_of, "give its value as the next argument")
    return settings

def _parse_option(option, compression):
    module, _, setting = option.partition(":")
    if module in ["gzip", "zstd"] and module != compression:
        _fail(option, "the layers are compressed by {}".format(compression))

    # No layer holds the time of its making.
    if option == "gzip:!timestamp":
        return {}
    key, _, value = setting.partition("=")
    if module in ["gzip", "zstd"] and key == "compression-level" and value.isdigit():
        return {"compress_level": int(value)}
    return _fail(option, "known are gzip:!timestamp, gzip:compression-level=N and zstd:compression-level=N")

def _fail(arg, fix):
    fail("attribute tar_args: {} is not supported; {}".format(repr(arg), fix))
