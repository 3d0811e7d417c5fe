#!/usr/bin/env bash
# Layers in images of the real rules_img: what its manifest says of them, what reads them, and that
# the image runs. Run by hand, since its modules come from the Bazel Central Registry, or from a
# folder as tools/with-modules takes it: check.sh [FOLDER]. See docs/rules_img.md.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
# shellcheck source=e2e/registry.bash
source "$top/e2e/registry.bash"
cd "$top/e2e/rules_img"
# shellcheck disable=SC2016 # evaluated at the end
cleanups=('rm -f "$top/e2e/rules_img/debian.tar"' "${cleanups[@]}")
cp "${base%.metadata.json}.tar" debian.tar

modules=${1:-}
if [ -n "$modules" ]; then
  bazel() {
    "$top/tools/with-modules" "$modules" "$@"
  }
fi

# files_of TARGET: its outputs, in their order.
files_of() {
  bazel cquery --output=files "$1" 2>/dev/null
}

# Without what an earlier run left, so that the log has every action.
bazel clean >/dev/null 2>&1
build --execution_log_json_file="$work/log" //:image //:zstd_image
python3 "$top/e2e/spawns.py" --inputs "$work/log" >"$work/inputs"
layers=$(for layers in py_layers js_layers plain_layers zstd_layers; do files_of "//:$layers"; done)
expect_equal "layers that are described" "$(wc -l <<<"$layers")" "$(grep -c '^ImageDescriptor .*\.metadata\.json$' "$work/inputs")"
expect_equal "what reads a layer" "" "$(grep -E '_layers_.*\.tar(\.gz|\.zst)?$' "$work/inputs" || true)"
echo "rules_img: two images of $(wc -l <<<"$layers") layers; no action reads one"

# Of all that could run. LayerMtree of 0.3.16 and later writes the output group `mtree`, if somebody
# asks for it.
expect_equal "actions of rules_img that have a layer among their inputs" "OCILayout" \
  "$(bazel aquery "inputs('.*_layers_.*\.tar(\.gz|\.zst)?', //:image + //:zstd_image + //:layers + //:more_layers + //:img_zstd_layers)" 2>/dev/null |
    sed -n 's/^ *Mnemonic: //p' | sort -u | sed '/^LayerMtree$/d')"

build //:py_layers //:js_layers //:plain_layers //:zstd_layers //:greeting_layer

# said IMAGE LAYER...
said() {
  python3 said.py "bazel-bin/$1_manifest.json" "bazel-bin/$1_config.json" "${@:2}" || fail "what $1 says of its layers"
}

# of TARGET: the history that layers of ours have.
of() {
  files_of "$1" | sed -E 's/.*_layers_(.*)\.tar.*/layer_tool: \1/'
}

execution_root=$(bazel info execution_root 2>/dev/null)
mapfile -t below_greeting < <({ files_of //:py_layers; files_of //:js_layers; } | sed "s|^|$execution_root/|")
mapfile -t plain < <(files_of //:plain_layers | sed "s|^|$execution_root/|")
mapfile -t zstd < <(files_of //:zstd_layers | sed "s|^|$execution_root/|")
expect_equal "history of image" \
  "$(echo "bazel build //:debian_layer"; of //:py_layers; of //:js_layers; echo "bazel build //:greeting_layer"; of //:plain_layers)" \
  "$(said image debian.tar "${below_greeting[@]}" bazel-bin/greeting_layer.tgz "${plain[@]}")"
expect_equal "history of zstd_image" "$(of //:zstd_layers)" "$(said zstd_image "${zstd[@]}")"
echo "rules_img: its manifests have the layers' digests, sizes and media types, its configurations their diffIDs"

build --output_groups=oci_layout //:image
skopeo copy --quiet --preserve-digests oci:bazel-bin/image_oci_layout "oci:$work/image:test"
skopeo inspect --raw "oci:$work/image:test" >"$work/raw.json"
expect_equal "digest of image in a layout" "$(cat bazel-bin/image_digest)" "$(skopeo manifest-digest "$work/raw.json")"
expect_equal "what image prints" "hello True (3, 11)" \
  "$(run_image image env "PATH=$(python_path "$execution_root/$(files_of //:py_layers | grep interpreter)")" /app)"
expect_equal "what /js/hello prints" "hello from /js" "$(run_image image /js/hello)"
expect_equal "what /plain/hello prints" "hello from /plain" "$(run_image image /plain/hello)"
echo "rules_img: three programs of the image run"
