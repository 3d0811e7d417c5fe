"""Checks an OCI image layout against the OCI image specification 1.1, blob by blob.

check_layout.py LAYOUT...

The schemas are written after the tables of the specification:
https://github.com/opencontainers/image-spec/blob/v1.1.1/spec.md
"""

import gzip
import hashlib
import json
import os
import subprocess
import sys

import jsonschema

STRINGS = {"type": "array", "items": {"type": "string"}}
STRING_MAP = {"type": "object", "additionalProperties": {"type": "string"}}
DIGEST = {"type": "string", "pattern": "^sha256:[a-f0-9]{64}$"}
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}


def media_type(*kinds: str) -> dict:
    return {"enum": [f"application/vnd.oci.image.{kind}" for kind in kinds]}


def table(required: dict, optional: dict) -> dict:
    """An object of exactly these fields."""
    return {
        "type": "object",
        "required": list(required),
        "properties": required | optional,
        "additionalProperties": False,
    }


PLATFORM = table(
    {"architecture": {"type": "string", "minLength": 1}, "os": {"type": "string", "minLength": 1}},
    {"variant": {"type": "string"}, "os.version": {"type": "string"}, "os.features": STRINGS},
)


def descriptor(*kinds: str) -> dict:
    return table(
        {"mediaType": media_type(*kinds), "digest": DIGEST, "size": {"type": "integer", "minimum": 0}},
        {"urls": STRINGS, "annotations": STRING_MAP, "platform": PLATFORM},
    )


INDEX = table(
    {
        "schemaVersion": {"const": 2},
        "manifests": {"type": "array", "items": descriptor("manifest.v1+json", "index.v1+json")},
    },
    {"mediaType": media_type("index.v1+json"), "annotations": STRING_MAP},
)

MANIFEST = table(
    {
        "schemaVersion": {"const": 2},
        "mediaType": media_type("manifest.v1+json"),
        "config": descriptor("config.v1+json"),
        "layers": {
            "type": "array",
            "minItems": 1,
            "items": descriptor("layer.v1.tar", "layer.v1.tar+gzip", "layer.v1.tar+zstd"),
        },
    },
    {"annotations": STRING_MAP},
)

CONFIG = table(
    {
        "architecture": {"type": "string", "minLength": 1},
        "os": {"type": "string", "minLength": 1},
        "rootfs": table({"type": {"const": "layers"}, "diff_ids": {"type": "array", "items": DIGEST}}, {}),
    },
    {
        "created": TIME,
        "author": {"type": "string"},
        "variant": {"type": "string"},
        "config": table(
            {},
            {
                "User": {"type": "string"},
                "ExposedPorts": {
                    "type": "object",
                    "patternProperties": {r"^\d+(/(tcp|udp|sctp))?$": {"const": {}}},
                    "additionalProperties": False,
                },
                "Env": {"type": "array", "items": {"type": "string", "pattern": "^[^=]+="}},
                "Entrypoint": STRINGS,
                "Cmd": STRINGS,
                "WorkingDir": {"type": "string", "pattern": "^/"},
                "Labels": STRING_MAP,
            },
        ),
        "history": {
            "type": "array",
            "items": table(
                {},
                {
                    "created": TIME,
                    "created_by": {"type": "string"},
                    "author": {"type": "string"},
                    "comment": {"type": "string"},
                    "empty_layer": {"type": "boolean"},
                },
            ),
        },
    },
)


def check(layout: str) -> None:
    used = set()

    def read(descriptor: dict) -> bytes:
        name = descriptor["digest"].removeprefix("sha256:")
        used.add(name)
        with open(os.path.join(layout, "blobs/sha256", name), "rb") as file:
            data = file.read()
        assert hashlib.sha256(data).hexdigest() == name, f"{layout}: {name} has another digest"
        assert len(data) == descriptor["size"], f"{layout}: {name} has {len(data)} bytes"
        return data

    def read_json(descriptor: dict, schema: dict) -> dict:
        value = json.loads(read(descriptor))
        jsonschema.Draft202012Validator(schema).validate(value)
        return value

    def walk(descriptor: dict) -> None:
        if descriptor["mediaType"].endswith(".index.v1+json"):
            for child in read_json(descriptor, INDEX)["manifests"]:
                walk(child)
            return
        manifest = read_json(descriptor, MANIFEST)
        config = read_json(manifest["config"], CONFIG)
        for field in ["architecture", "os", "variant"]:
            assert descriptor["platform"].get(field) == config.get(field), f"{layout}: {field}"
        diff_ids = []
        for layer in manifest["layers"]:
            tar = read(layer)
            if layer["mediaType"].endswith("+gzip"):
                tar = gzip.decompress(tar)
            elif layer["mediaType"].endswith("+zstd"):
                tar = subprocess.run(["zstd", "-dcq"], input=tar, stdout=subprocess.PIPE, check=True).stdout
            diff_ids.append("sha256:" + hashlib.sha256(tar).hexdigest())
        assert diff_ids == config["rootfs"]["diff_ids"], f"{layout}: diffIDs"
        history = [entry for entry in config["history"] if not entry.get("empty_layer")]
        assert len(history) == len(diff_ids), f"{layout}: history"

    with open(os.path.join(layout, "oci-layout"), encoding="utf-8") as file:
        assert json.load(file) == {"imageLayoutVersion": "1.0.0"}, layout
    with open(os.path.join(layout, "index.json"), encoding="utf-8") as file:
        index = json.load(file)
    jsonschema.Draft202012Validator(INDEX).validate(index)
    for child in index["manifests"]:
        walk(child)
    unused = set(os.listdir(os.path.join(layout, "blobs/sha256"))) - used
    assert not unused, f"{layout}: blobs that nothing names: {unused}"
    assert sorted(os.listdir(layout)) == ["blobs", "index.json", "oci-layout"], layout


for path in sys.argv[1:]:
    check(path)
