#!/usr/bin/env bash
# Whole images on a Debian base: by the specification, in every program that takes images,
# through a real registry, and run by their own entrypoints; and what an edit costs.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
# shellcheck source=e2e/registry.bash
source "$top/e2e/registry.bash"
cd "$top/examples"

build //:layers
tool=$(readlink -f bazel-bin/layers_/layers)

# The base as a layout.
rm -rf case
# shellcheck disable=SC2016 # evaluated at the end
cleanups=('rm -rf "$top/examples/case"' "${cleanups[@]}")
mkdir case
"$tool" describe "${base%.metadata.json}.tar" --metadata "$work/debian.json" --name debian
"$tool" image --metadata "$work/debian.json" --layer "${base%.metadata.json}.tar" --platform linux/amd64 \
  --env PATH=/usr/sbin:/usr/bin:/sbin:/bin --cmd bash --output case/debian
cp "$top/e2e/image/BUILD.case.bazel" case/BUILD.bazel
cp "$top/e2e/image/base.bzl" case/
cp app/main.py app/cities.csv case/
echo 'import sys; print(*sys.argv[1:], sys.prefix)' >case/worker.py
cat >case/nesting.py <<'END'
import pathlib, subprocess, sys

worker = pathlib.Path(__file__).with_name("worker")
print(sys.prefix, subprocess.check_output([worker, "from"], text=True), end="")
END

cat >case/server.sh <<'END'
#!/bin/sh
echo "$MODE $(head -c 5 case/cities.csv | wc -c) $# $2"
END
chmod +x case/server.sh

printf 'first=1\nsecond=a=b\n' >case/pairs.txt

build //case:{nesting_image,server_image,on_image,image,image.digest,classic,classic.digest,classic.tar,docker}
case=bazel-bin/case
python3 "$top/e2e/image/check_layout.py" $case/image $case/classic $case/docker.oci
echo "image: three layouts by the specification"

# digest_of REFERENCE: as skopeo computes it.
digest_of() {
  skopeo inspect --tls-verify=false --format '{{.Digest}}' "$1"
}
digest=$(cat $case/image.sha256)
expect_equal "digest that skopeo computes" "$digest" "$(digest_of "oci:$case/image:latest")"
expect_equal "digest that bazel run prints" "$digest" "$(bazel run //case:image.digest 2>/dev/null)"
expect_equal "names in docker-archives" '["case/app:latest"] ["case/app:v1"]' \
  "$(for tar in classic docker; do tar -xOf $case/$tar.tar manifest.json; done |
    python3 -c 'import json, sys; d = json.JSONDecoder(); s = sys.stdin.read(); a, n = d.raw_decode(s); b = json.loads(s[n:]); print(*(json.dumps(i[0]["RepoTags"]) for i in (a, b)))')"
expect_equal "labels, variables and annotations of files" \
  "{'first': '1', 'second': 'a=b'} ['PATH=/usr/sbin:/usr/bin:/sbin:/bin:...', 'LANG=C.UTF-8', 'first=1', 'second=a=b'] {'first': '1', 'second': 'a=b'}" \
  "$(python3 - "$case/classic" <<'END'
import json, pathlib, re, sys

layout = pathlib.Path(sys.argv[1])
blob = lambda descriptor: json.loads((layout / "blobs/sha256" / descriptor["digest"].split(":")[1]).read_bytes())
manifest = blob(json.loads((layout / "index.json").read_bytes())["manifests"][0])
config = blob(manifest["config"])["config"]
own = {name: value for name, value in manifest["annotations"].items() if "." not in name}
print(config["Labels"], [re.sub(":/[^:]*/bin$", ":...", variable) for variable in config["Env"]], own)
END
)"

# There and back through a registry; then each runs as its configuration says.
for name in image classic; do
  remote=docker://127.0.0.1:$port/$name:test
  skopeo copy --quiet --preserve-digests --dest-tls-verify=false "oci:$case/$name" "$remote" || fail "push; $(cat "$work/registry.log")"
  expect_equal "digest of $name in the registry" "$(cat $case/$name.sha256)" "$(digest_of "$remote")"
  skopeo copy --quiet --preserve-digests --src-tls-verify=false "$remote" "oci:$work/$name:test"
  expect_equal "digest of $name that comes back" "$(cat $case/$name.sha256)" "$(digest_of "oci:$work/$name:test")"
  crane_takes "$case/$name" "$(cat "$case/$name.sha256")"
done
skopeo copy --quiet "docker-archive:$case/docker.tar" "oci:$work/docker:test"
# Debian 12's umoci does not read zstd.
skopeo copy --quiet --dest-compress-format gzip --dest-force-compress-format "oci:$work/classic:test" "oci:$work/gzip:test" 2>/dev/null ||
  skopeo copy --quiet "docker-archive:$case/classic.tar" "oci:$work/gzip:test"
skopeo copy --quiet "oci:$case/on_image:latest" "oci:$work/on_image:test"
for name in image on_image gzip docker; do
  expect_equal "what $name prints" "$(cat app/expected.txt)" "$(run_image "$name")"
done
skopeo copy --quiet "oci:$case/nesting_image:latest" "oci:$work/nesting:test"
prefix='/app.runfiles/[^ ]+'
[[ "$(run_image nesting)" =~ ^$prefix\ from\ $prefix$ ]] || fail "a py_binary in data: $(run_image nesting)"
skopeo copy --quiet "oci:$case/server_image:latest" "oci:$work/server:test"
expect_equal "an executable of any rule" "test 5 2 two three" "$(run_image server)"
echo "image: same digests after a registry and in crane, and six run by their own entrypoints"

# podman takes the layout, and what .load streams.
cat >"$work/storage.conf" <<END
[storage]
driver = "vfs"
graphroot = "$work/storage"
runroot = "$work/run"
END
export CONTAINERS_STORAGE_CONF=$work/storage.conf
for name in image on_image; do
  podman pull --quiet "oci:$PWD/$case/$name:latest" >/dev/null || fail "podman pull of $name"
done
podman rmi --all --force >/dev/null
# Bazel itself may run where podman is not installed.
bazel run --script_path="$work/load" //case:docker.load -- --with podman >"$work/load.log" 2>&1 || fail "load; $(cat "$work/load.log")"
"$work/load" >"$work/load.log" 2>&1 || fail "load; $(cat "$work/load.log")"
expect_equal "image in podman's store" "localhost/case/app:v1" "$(podman images --format '{{.Repository}}:{{.Tag}}')"
podman rmi --all --force >/dev/null
echo "image: podman pulls and loads"

# An edit of one file: a new digest, and what that writes.
output_path=$(bazel info output_path 2>/dev/null)
# edited TARGET FLAG...: prints seconds and bytes of new files.
edited() {
  echo "# $RANDOM$RANDOM" >>case/main.py
  touch "$work/stamp"
  local start=$EPOCHREALTIME
  build "$@"
  local end=$EPOCHREALTIME
  # A hard link has the time of the file that was there.
  echo "$(((${end/./} - ${start/./}) / 1000)) $(find "$output_path/" -type f -newer "$work/stamp" -printf '%s\n' | awk '{s += $1} END {print s + 0}')"
}
# The fastest of some: what else the machine does only adds to it.
milliseconds=999999
for _ in 1 2 3 4; do
  old=$(cat $case/image.sha256)
  read -r taken bytes < <(edited //case:image.digest)
  [ "$(cat $case/image.sha256)" != "$old" ] || fail "the digest is still $old"
  [ "$bytes" -lt 1000000 ] || fail "a digest after an edit took $bytes bytes"
  [ "$taken" -ge "$milliseconds" ] || milliseconds=$taken
done
echo "image: digest after an edit: $milliseconds ms, $bytes bytes"
# Twice the bar, for a machine that does something else too.
[ "$milliseconds" -lt 4000 ] || fail "a digest after an edit took $milliseconds ms"

# The whole layout, whose layers are linked.
build //case:image
read -r milliseconds bytes < <(edited //case:image)
echo "image: layout of $(($(du -sb $case/image | cut -f1) >> 20)) MiB after an edit: $milliseconds ms, $bytes bytes"
[ "$bytes" -lt 1000000 ] || fail "a layout after an edit took $bytes bytes"
