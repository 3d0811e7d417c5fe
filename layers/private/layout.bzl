"""Where a binary and its runfiles are in the image."""

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

# Where a launcher is unless a tier says otherwise.
DEFAULT_ROOT = "/app"

def image_layout(root, label, own_folder = False):
    """The paths of a binary in the image.

    Args:
        root: string. Empty: the launcher is at /app, whatever the binary's name is, so that all
            other paths are the same for all binaries. Else: the directory that has PACKAGE/NAME
            (the classic layout).
        label: Label of the binary.
        own_folder: bool, whether ROOT/PACKAGE/NAME is a directory that has the launcher, if there is a
            root.

    Returns:
        A struct with the strings `launcher` and `runfiles`, absolute paths.
    """
    if not root:
        return layout_at(DEFAULT_ROOT)
    parts = [part for part in [root.strip("/"), label.package, label.name] if part]
    return layout_at("/" + "/".join(parts + ([label.name] if own_folder else [])))

def layout_at(launcher):
    """The paths of a binary whose launcher's path is known.

    Args:
        launcher: string, absolute path.

    Returns:
        A struct as of `image_layout`.
    """
    return struct(launcher = launcher, runfiles = launcher + ".runfiles")

def check_root(root, attribute = "root"):
    """Fails for a root that is not an absolute path.

    Args:
        root: string.
        attribute: string, for messages.
    """
    if not root:
        return
    if not root.startswith("/") or ".." in root.split("/"):
        fail("attribute {}: {} is not an absolute path without `..`; write e.g. \"/opt/app\"".format(attribute, repr(root)))

def runfiles_path(file, workspace):
    """The path of a File below the runfiles tree.

    Args:
        file: File.
        workspace: string, the main repository's name in the tree (`_main`).

    Returns:
        A string.
    """
    path = file.short_path
    return path[len("../"):] if path.startswith("../") else workspace + "/" + path
