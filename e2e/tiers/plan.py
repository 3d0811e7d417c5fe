"""Checks an image's plan against the layers and what is in them.

usage: plan.py IMAGE    (in the folder of outputs; IMAGE: path of the target)
"""

import hashlib
import json
import os
import sys

image = sys.argv[1]
plan = json.load(open(image + ".plan.json", encoding="utf-8"))
for layer in plan["layers"]:
    with open(f"{image}_{layer['name']}.tar.gz", "rb") as file:
        content = file.read()
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    if (layer["size"], layer["digest"]) != (len(content), digest):
        sys.exit(f"layer {layer['name']} is another than the plan says: {layer}")
    if sum(unit["files"] for unit in layer["units"]) != layer["files"]:
        sys.exit(f"the units are not all of layer {layer['name']}")
    if any(unit["group"] != layer["name"] or not unit["reason"] for unit in layer["units"]):
        sys.exit(f"a unit of {layer['name']} has no reason to be there")

units = {unit["name"]: unit for layer in plan["layers"] for unit in layer["units"]}
if list(units["numpy"]["machines"]) != [os.uname().machine]:
    sys.exit(f"numpy is for {units['numpy']['machines']}")
