"""Checks that a report has each layer of each image of a layout, and as many files.

    check_whole.py LAYOUT <REPORT

REPORT is JSON, LAYOUT the OCI image layout of an image or an index.
"""

import json
import pathlib
import subprocess
import sys

layout = pathlib.Path(sys.argv[1])

def blob(descriptor):
    return layout / "blobs" / descriptor["digest"].replace(":", "/")

def manifests(index):
    for descriptor in index["manifests"]:
        inner = json.loads(blob(descriptor).read_bytes())
        yield from manifests(inner) if "manifests" in inner else [inner]

def entries(path):
    """How many entries of a tar, as GNU tar reads it, are no folders."""
    listed = subprocess.run(["tar", "-tvf", path], check=True, capture_output=True, text=True).stdout
    return sum(not line.startswith("d") for line in listed.splitlines())

def of_layers(layers):
    """Without empty ones, which a report has and an image has not."""
    return [layer for layer in layers if layer[-1] > 0]

expected = [
    of_layers((layer["digest"], layer["size"], entries(blob(layer))) for layer in manifest["layers"])
    for manifest in manifests(json.loads((layout / "index.json").read_bytes()))
]
images = json.load(sys.stdin)["images"]
found = [
    of_layers((layer["digest"], layer["size"], sum(len(unit["paths"]) for unit in layer["units"])) for layer in image["layers"])
    for image in images
]
if found != expected:
    sys.exit(f"the report has {found}, the layout {expected}")
for image, layers in zip(images, expected):
    print(f"{image['name']}: {len(layers)} layers, {sum(files for _, _, files in layers)} files and links")
