"""Where a binary and its runfiles stand in the image."""

visibility(["//js/..."])

def image_layout(root, label):
    """The paths of a binary in the image.

    Args:
        root: string, the folder that holds PACKAGE/NAME; leading dots and slashes are
            ignored, as in rules_js.
        label: Label of the binary.

    Returns:
        A struct with the strings `launcher` and `runfiles`, paths without a leading slash.
    """
    folders = [root.lstrip("./").rstrip("/"), label.package, label.name]
    launcher = "/".join([folder for folder in folders if folder])
    return struct(launcher = launcher, runfiles = launcher + ".runfiles")

def check_root(root):
    """Fails for a root that is no folder of an image.

    Args:
        root: string.
    """
    if ".." in root.split("/"):
        fail("attribute root: {} climbs out with `..`; write e.g. \"/app\"".format(repr(root)))
