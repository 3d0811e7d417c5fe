"""Providers between the rules of images."""

visibility(["//image/...", "//js/...", "//py/..."])

ImageInfo = provider(
    doc = "An image, or an index of images for several platforms.",
    fields = {
        "digest": "File: `sha256:...` of the manifest or index, and a newline.",
        "repo_tag": "string: the name under which it is loaded; empty if it has no name.",
        "layout": "File: OCI image layout, a directory.",
        "sparse": "File: the same layout without the layers, which is made quickly.",
    },
)

ImageStartInfo = provider(
    doc = "How a binary is started in an image, unless the image says otherwise.",
    fields = {
        "cmd": "list of string: what follows the entrypoint. Example: `[\"--verbose\"]`.",
        "entrypoint": "list of string. Example: `[\"/app\"]`.",
        "env": "dict of string: variables of the environment.",
        "label": "Label of the binary. An image without a name is called after it.",
        "launcher": "File or None: the launcher, if it may be a Python script that `python` has to start.",
        "python": "string or None: path in the image of a Python interpreter. If `launcher` is a Python script, the interpreter goes before the entrypoint, because the script would otherwise look for a Python on PATH. Its directory is put at the end of PATH, for other launchers in the image. Without `launcher`, it is only for these.",
        "workdir": "string: absolute path. Example: `/app.runfiles/_main`.",
    },
)
