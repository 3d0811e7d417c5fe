#!/usr/bin/env bash
# What img_layers tells rules_img: every field that it has, and of each layer what its bytes and its
# metadata say, in a form that rules_img's program takes.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
cd "$top/e2e/img_layers"

build //:layers @rules_image_layers_rules_img//:defs
bazel cquery --output=starlark --starlark:file=told.cquery //:layers 2>/dev/null >"$work/told.json"
ln -s "$(bazel info execution_root 2>/dev/null)/bazel-out" "$work/bazel-out"
cd "$work"
python3 - <<'END'
import hashlib
import json
import os

told = json.load(open("told.json"))
assert [os.path.basename(layer["blob"]) for layer in told] == [
    "zstd_layers_default.tar.zst",
    "gzip_layers_default.tar.gz",
    "none_layers_default.tar",
], told
for layer, suffix in zip(told, ("+zstd", "+gzip", "")):
    content = open(layer["blob"], "rb").read()
    metadata = json.load(open(layer["blob"][: layer["blob"].index(".tar")] + ".metadata.json"))
    media_type = "application/vnd.oci.image.layer.v1.tar" + suffix
    said = json.load(open(layer["metadata"]))
    # The program refuses a field that it does not know.
    expected = {
        "diff_id": metadata["diff_id"],
        "digest": "sha256:" + hashlib.sha256(content).hexdigest(),
        "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "layer_tool: default"}],
        "mediaType": media_type,
        "size": len(content),
    }
    assert said == expected, (said, expected)
    absent = {"compact_stream", "layer_input_files", "layer_input_files_cas", "mtree", "to_come", "ztoc"}
    expected = dict.fromkeys(absent) | {
        "blob": layer["blob"],
        "estargz": False,
        "media_type": media_type,
        "metadata": layer["metadata"],
        "sources": [],
    }
    assert layer == expected, (layer, expected)
END
cd "$top/e2e/img_layers"
expect_equal "actions of img_layers that have a layer among their inputs" "" \
  "$(bazel aquery "inputs('.*\.tar(\.gz|\.zst)?', //:layers)" 2>/dev/null)"
echo "img_layers: three layers are told to rules_img, and none is read"
