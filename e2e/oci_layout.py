"""Writes an OCI image layout whose layers are given files, byte for byte.

oci_layout.py LAYOUT ENTRYPOINT ENV METADATA...
    METADATA  NAME.metadata.json of layer_tool; the layer stands beside it as NAME.tar, .tar.gz or .tar.zst

https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
"""

import hashlib
import json
import os
import platform
import shutil
import sys

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
EXTENSIONS = {"": "", "gzip": ".gz", "zstd": ".zst"}


def main(layout: str, entrypoint: str, env: str, *metadata: str) -> None:
    blobs = os.path.join(layout, "blobs", "sha256")
    os.makedirs(blobs)

    def add_json(media_type: str, value: object) -> dict:
        data = json.dumps(value).encode()
        digest = hashlib.sha256(data).hexdigest()
        with open(os.path.join(blobs, digest), "wb") as file:
            file.write(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    layers, diff_ids = [], []
    for path in metadata:
        with open(path) as file:
            layer = json.load(file)
        _, _, compression = layer["media_type"].partition("+")
        blob = path.removesuffix(".metadata.json") + ".tar" + EXTENSIONS[compression]
        shutil.copyfile(blob, os.path.join(blobs, layer["digest"].removeprefix("sha256:")))
        layers.append({"mediaType": layer["media_type"], "digest": layer["digest"], "size": layer["size"]})
        diff_ids.append(layer["diff_id"])

    config = add_json(
        "application/vnd.oci.image.config.v1+json",
        {
            "architecture": ARCHITECTURES[platform.machine()],
            "os": "linux",
            "config": {"Entrypoint": [entrypoint], "Env": [env]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        },
    )
    manifest = add_json(
        "application/vnd.oci.image.manifest.v1+json",
        {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": layers},
    )
    manifest["annotations"] = {"org.opencontainers.image.ref.name": "test"}
    for name, value in {
        "index.json": {"schemaVersion": 2, "manifests": [manifest]},
        "oci-layout": {"imageLayoutVersion": "1.0.0"},
    }.items():
        with open(os.path.join(layout, name), "w") as file:
            json.dump(value, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
