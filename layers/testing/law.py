"""Checks what must hold for the layers of every image.

usage: law.py [--told LAYERS_INFO] ARGUMENTS...    (in the folder of outputs; LAYERS_INFO: what other
rules are told of the layers of one image, JSON; ARGUMENTS: of `bazel run`, a file)

- No path but a folder's is in two layers, and a folder is the same in each.
- The repositories of the default layer's files are in no other layer: no file of a
  package, or of the interpreter, went astray. The main repository may be in any.
- Other rules are told of each layer, in order, and what its metadata says.
"""

import argparse
import io
import json
import os
import re
import subprocess
import sys
import tarfile

MAIN = "_main"
EXTENSIONS = {"gzip": ".tar.gz", "none": ".tar", "zstd": ".tar.zst"}


def layers_of(arguments):
    """Name to file of an image's layers, by what `bazel run` prints a table of."""
    layers = {}
    for line in open(arguments, encoding="utf-8"):
        path = re.fullmatch(r"--metadata=bazel-out/[^/]*/bin/(.*)", line.strip()).group(1)
        metadata = json.load(open(path, encoding="utf-8"))
        stem = path.removesuffix(".metadata.json")
        layers[metadata["name"]] = stem + EXTENSIONS[metadata["compression"]]
    return layers


def members(layer):
    """Name to member of a layer of any compression."""
    if layer.endswith(".zst"):
        with open(layer, "rb") as file:
            content = subprocess.run(["zstd", "-dc"], stdin=file, stdout=subprocess.PIPE, check=True).stdout
        tar = tarfile.open(fileobj=io.BytesIO(content))
    else:
        tar = tarfile.open(layer)
    return {member.name: member for member in tar}


def repositories(layer):
    """Folders below a runfiles folder that hold files.

    The empty __init__.py that Bazel puts into folders of a binary are no package's.
    """
    found = set()
    for name, member in layer.items():
        _, runfiles, below = name.partition(".runfiles/")
        made = name.endswith("/__init__.py") and member.size == 0
        if runfiles and "/" in below and not member.isdir() and not made:
            found.add(below.split("/")[0])
    return found - {MAIN}


def attributes(member):
    return (member.mode, member.uid, member.gid, member.mtime)


def check(layers):
    """Fails for the members of an image's layers, by name, that break a law."""
    seen = {}
    for layer, found in layers.items():
        for name, member in found.items():
            other, first = seen.setdefault(name, (layer, member))
            if other == layer:
                continue
            if not (member.isdir() and first.isdir()):
                sys.exit(f"{name} is in {other} and in {layer}")
            if attributes(member) != attributes(first):
                sys.exit(f"the folder {name} is another in {other} than in {layer}")
    for layer, found in layers.items():
        astray = repositories(found) & repositories(layers["default"])
        if layer != "default" and astray:
            sys.exit(f"{sorted(astray)} are in {layer} and in default")


def check_told(told, names):
    """Fails if other rules are told something else than the metadata of the layers says."""
    found = []
    for layer in told:
        metadata = json.load(open(layer["metadata"], encoding="utf-8"))
        found.append(metadata["name"])
        if layer["media_type"] != metadata["media_type"]:
            sys.exit(f"{layer} are told, and {metadata['media_type']} is in the metadata")
        if os.path.getsize(layer["tar"]) != metadata["size"]:
            sys.exit(f"{layer} are told, and the metadata is of another layer")
    if found != names:
        sys.exit(f"the layers {found} are told, and there are {names}")


parser = argparse.ArgumentParser()
parser.add_argument("--told")
parser.add_argument("arguments", nargs="+")
options = parser.parse_args()
for arguments in options.arguments:
    layers = layers_of(arguments)
    check({name: members(path) for name, path in layers.items()})
    if options.told:
        check_told(json.load(open(options.told, encoding="utf-8")), list(layers))
