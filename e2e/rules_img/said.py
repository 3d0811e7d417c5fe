"""said.py MANIFEST CONFIG LAYER...: whether an image says of its layers, lowest first, what their bytes do.

Prints where each layer is from, by the history in the configuration.
"""

import hashlib
import json
import subprocess
import sys

MAGIC = {
    b"\x1f\x8b": ("+gzip", "gzip"),
    b"\x28\xb5": ("+zstd", "zstd"),
}


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def said_of(layer):
    """The descriptor and the diffID of a layer, by its bytes."""
    with open(layer, "rb") as file:
        content = file.read()
    suffix, program = MAGIC.get(content[:2], ("", None))
    tar = subprocess.run([program, "-dc"], input=content, stdout=subprocess.PIPE, check=True).stdout if program else content
    media_type = "application/vnd.oci.image.layer.v1.tar" + suffix
    return {"mediaType": media_type, "digest": digest(content), "size": len(content)}, digest(tar)


def main(manifest, config, *layers):
    manifest, config = (json.load(open(path, encoding="utf-8")) for path in (manifest, config))
    descriptors, diff_ids = zip(*map(said_of, layers))
    for what, expected, actual in (
        ("layers", list(descriptors), manifest["layers"]),
        ("diff_ids", list(diff_ids), config["rootfs"]["diff_ids"]),
        ("number of entries of history", len(layers), len(config["history"])),
    ):
        if expected != actual:
            sys.exit(f"{what}: {expected} are expected, and there are {actual}")
    print("\n".join(entry["created_by"] for entry in config["history"]))


main(*sys.argv[1:])
