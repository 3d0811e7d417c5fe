#!/usr/bin/env bash
# Whatever others read layers with takes those of fragments, too: of a real
# application, in every compression.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
# shellcheck source=e2e/registry.bash
source "$top/e2e/registry.bash"
cd "$top/examples"

build //:layers --output_groups=+mtree,+metadata
path=$(python_path bazel-bin/layers_interpreter.tar.gz)
tool=$(readlink -f bazel-bin/layers_/layers)
execution_root=$(bazel info execution_root 2>/dev/null)

# joined COMPRESSION EXTENSION: one layer of a fragment for each layer of the build.
joined() {
  local layer fragments=()
  for layer in interpreter packages default; do
    (cd "$execution_root" && "$tool" layer --fragment --manifest "bazel-out/k8-fastbuild/bin/layers_$layer.mtree" \
      --output "$work/$1.$layer" --metadata "$work/$1.$layer.json" --compress "$1")
    fragments+=(--fragment "$work/$1.$layer" --sidecar "$work/$1.$layer.json")
  done
  "$tool" concat "${fragments[@]}" --output "$work/$1.tar$2" --metadata "$work/$1.metadata.json" --compress "$1"
}

# reads NAME METADATA COMMAND...: what the command prints is the tar of the layer.
reads() {
  local name=$1 metadata=$2
  shift 2
  expect_equal "what $name decompresses $(basename "$metadata") to" "$(metadata_of diff_id "$metadata")" \
    "sha256:$("$@" | sha256sum | cut -d' ' -f1)"
}

(cd "$work" && python3 "$top/e2e/readers/law.py" "$tool")

joined gzip .gz
joined zstd .zst
joined none ""

for metadata in bazel-bin/layers_packages.metadata.json "$work/gzip.metadata.json"; do
  layer=${metadata%.metadata.json}.tar.gz
  reads gzip "$metadata" gzip -dc "$layer"
  reads pigz "$metadata" pigz -dc "$layer"
  # Which silently stops after a first member.
  # shellcheck disable=SC2016 # of Perl
  reads Perl "$metadata" perl -MIO::Uncompress::Gunzip=gunzip -e 'gunzip($ARGV[0] => "-", MultiStream => 0) or die' "$layer"
  reads Node.js "$metadata" node -e 'require("fs").createReadStream(process.argv[1]).pipe(require("zlib").createGunzip()).pipe(process.stdout)' "$layer"
  reads Python "$metadata" python3 -c 'import shutil, sys, zlib
decompressor = zlib.decompressobj(31)
sys.stdout.buffer.write(decompressor.decompress(open(sys.argv[1], "rb").read()))
sys.exit(not decompressor.eof or len(decompressor.unused_data))' "$layer"
done
reads zstd "$work/zstd.metadata.json" zstd -dcq "$work/zstd.tar.zst"

for name in gzip none zstd; do
  push_and_pull "$name" "$path" "$work/$name.metadata.json"
  podman --root "$work/podman" --runroot "$work/podman.run" --storage-driver vfs \
    pull --quiet --tls-verify=false "127.0.0.1:$port/$name:test" >"$work/log" 2>&1 || fail "podman pull of $name; $(cat "$work/log")"
  # Neither Docker's own archives nor Debian's umoci know zstd.
  [ "$name" != zstd ] || continue
  skopeo copy --quiet "oci:$work/$name:test" "docker-archive:$work/$name.archive:$name:test"
  expect_equal "what the application prints from a layer of $name" "$(cat app/expected.txt)" "$(run_image "$name")"
done
echo "readers: layers at once and of fragments, by all of them"
