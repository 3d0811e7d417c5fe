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
