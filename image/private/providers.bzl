"""What the rules of images tell each other."""

visibility(["//image/...", "//js/...", "//py/..."])

ImageInfo = provider(
    doc = "An image, or an index of images for several platforms.",
    fields = {
        "digest": "File: `sha256:...` of the manifest or index, and a newline.",
        "repo_tag": "string: the name under which it is loaded; empty if it has none.",
        "layout": "File: OCI image layout, a directory.",
        "sparse": "File: the same layout without the layers, which takes next to no time.",
    },
)

ImageStartInfo = provider(
    doc = "How a binary is started in an image, unless the image says otherwise.",
    fields = {
        "cmd": "list of string: what follows the entrypoint. Example: `[\"--verbose\"]`.",
        "entrypoint": "list of string. Example: `[\"/app\"]`.",
        "env": "dict of string: variables of the environment.",
        "label": "Label of the binary, after which an image is called that has no name.",
        "launcher": "File or None: what the entrypoint starts, if `python` may have to start it.",
        "python": "string or None: path in the image of the interpreter that goes before the entrypoint if `launcher` is a Python script, which would else look for a Python on PATH; without `launcher`, that of another program in the image. Its folder is the last one there, for other launchers in the image.",
        "workdir": "string: absolute path. Example: `/app.runfiles/_main`.",
    },
)
