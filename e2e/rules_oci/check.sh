#!/usr/bin/env bash
# Images through the real rules_oci: indexes, images on images, a push and a load. Run by
# hand, since its modules come from the Bazel Central Registry: see docs/images.md.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
# shellcheck source=e2e/registry.bash
source "$top/e2e/registry.bash"
cd "$top/e2e/rules_oci"
# shellcheck disable=SC2016 # evaluated at the end
cleanups=('rm -f "$top/e2e/rules_oci/debian.tar"' "${cleanups[@]}")
cp "${base%.metadata.json}.tar" debian.tar

build //...

# file_of TARGET: its output, in the folder of its configuration.
file_of() {
  bazel cquery --output=files "$1" 2>/dev/null
}

# raw_digest REFERENCE: of its manifest or index.
raw_digest() {
  skopeo inspect --tls-verify=false --raw "$1" >"$work/raw.json" || fail "inspect $1"
  skopeo manifest-digest "$work/raw.json"
}

# members FIELD REFERENCE: the digests that its manifest or index names.
members() {
  skopeo inspect --tls-verify=false --raw "$2" |
    python3 -c 'import json, sys; print(*(member["digest"] for member in json.load(sys.stdin)[sys.argv[1]]), sep="\n")' "$1"
}

# Images of this module have the digest that it says, those of rules_oci what that says.
for image in image js_image platforms_image zstd_image index_of_one index_of_two of_layers on_image; do
  digest=bazel-bin/$image.sha256
  [ -e "$digest" ] || digest=bazel-bin/$image.json.sha256
  bazel run "//:push_$image" -- --repository "127.0.0.1:$port/$image" >"$work/push.log" 2>&1 ||
    { cat "$work/push.log" >&2; fail "push of $image"; }
  expect_equal "digest of $image in the registry" "$(cat "$digest")" "$(raw_digest "docker://127.0.0.1:$port/$image:v1")"
done
echo "rules_oci: oci_push leaves eight images with the digests that the build says"

single=$(cat "$(file_of //:image_x86_64.digest)" "$(file_of //:image_aarch64.digest)")
for image in index_of_one index_of_two platforms_image; do
  expect_equal "images of $image" "$single" "$(members manifests "docker://127.0.0.1:$port/$image:v1")"
done
echo "rules_oci: oci_image_index has the images of two platforms as they are"

expect_equal "layers of of_layers" "$(members layers oci:bazel-bin/image)" "$(members layers oci:bazel-bin/of_layers)"
expect_equal "layers of on_image under its own" "$(members layers oci:bazel-bin/image)" "$(members layers oci:bazel-bin/on_image | head -n -1)"
for image in image js_image on_image; do
  skopeo copy --quiet --preserve-digests --src-tls-verify=false "docker://127.0.0.1:$port/$image:v1" "oci:$work/$image:test"
done
expect_equal "what image prints" "hello False (3, 11)" "$(run_image image)"
expect_equal "what js_image prints" "hello from /" "$(run_image js_image)"
expect_equal "what on_image prints" "good day True (3, 11)" "$(run_image on_image)"
echo "rules_oci: oci_image of the layers, and on an image; three run"

# What `bazel run` streams, and the archive of an index.
cat >"$work/storage.conf" <<END
[storage]
driver = "vfs"
graphroot = "$work/storage"
runroot = "$work/run"
END
export CONTAINERS_STORAGE_CONF=$work/storage.conf
for image in image js_image on_image zstd_image; do
  LOADED=$work/loaded.tar bazel run "//:load_$image" >"$work/load.log" 2>&1 || fail "load of $image; $(cat "$work/load.log")"
  podman load --quiet --input "$work/loaded.tar" >/dev/null || fail "podman load of $image"
  # The ID of an image is the digest of its configuration.
  expect_equal "ID of $image" "$(skopeo inspect --raw "oci:bazel-bin/$image" | python3 -c 'import json, sys; print(json.load(sys.stdin)["config"]["digest"])')" \
    "sha256:$(podman image inspect --format '{{.Id}}' "rules_oci/$image:v1")"
  podman rmi --all --force >/dev/null
done
build --output_groups=tarball //:load_platforms_image
expect_equal "digest of platforms_image in an archive" "$(cat bazel-bin/platforms_image.sha256)" \
  "$(raw_digest oci-archive:bazel-bin/load_platforms_image/tarball.tar)"
echo "rules_oci: podman takes what oci_load streams of four images, skopeo the archive of an index"
