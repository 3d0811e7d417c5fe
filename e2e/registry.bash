# A base image and a real registry on loopback, for the tests that need them; sourced after lib.bash.

# What Debian calls essential, and what wheels take for granted (PEP 513); the
# applications bring their Python.
base=${disk_cache%/*}/base_with_libstdc++.metadata.json
if [ ! -f "$base" ]; then
  mmdebstrap --quiet --variant=essential --include=libstdc++6 bookworm "$work/base.tar" "$("$top/tools/debian/find_mirror" bookworm)"
  digest=sha256:$(sha256sum "$work/base.tar" | cut -d' ' -f1)
  mv "$work/base.tar" "${base%.metadata.json}.tar"
  printf '{"media_type": "application/vnd.oci.image.layer.v1.tar", "digest": "%s", "diff_id": "%s", "size": %d}\n' \
    "$digest" "$digest" "$(stat -c %s "${base%.metadata.json}.tar")" >"$base"
fi

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/registry.yml" <<EOF
version: 0.1
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: "127.0.0.1:$port"}
EOF
docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
cleanups=("kill $!" "${cleanups[@]}")
for _ in $(seq 50); do
  curl -fs "http://127.0.0.1:$port/v2/" >/dev/null && break
  sleep 0.2
done

# metadata_of FIELD METADATA...: the field of each layer.
metadata_of() {
  python3 -c 'import json, sys; print(*(json.load(open(path))[sys.argv[1]] for path in sys.argv[2:]), sep="\n")' "$@"
}

# push_and_pull NAME PATH METADATA...: an image of the base and layers goes to the
# registry and comes back as the OCI layout $work/NAME; no byte may change on the way.
push_and_pull() {
  local name=$1 path=$2 image=docker://127.0.0.1:$port/$1:test
  shift 2
  python3 "$top/e2e/oci_layout.py" "$work/$name.made" /app "PATH=$path" "$base" "$@"
  skopeo copy --quiet --preserve-digests --dest-tls-verify=false "oci:$work/$name.made:test" "$image" || fail "push; $(cat "$work/registry.log")"
  skopeo copy --quiet --preserve-digests --src-tls-verify=false "$image" "oci:$work/$name:test"
  expect_equal "digests of the layers of $name that come back" "$(metadata_of digest "$base" "$@")" \
    "$(skopeo inspect "oci:$work/$name:test" | python3 -c 'import json, sys; print(*json.load(sys.stdin)["Layers"], sep="\n")')"
}

# crane_takes LAYOUT DIGEST: pushed, and pulled with every blob checked. Debian 12 has no
# crane; it stands beside the packaged Bazel. Its `validate` takes every layer for gzip.
crane_takes() {
  local image=127.0.0.1:$port/crane:${2#sha256:}
  rm -rf "$work/crane"
  "$top/tools/debian/run" crane push "$1" "$image" >"$work/crane.log" 2>&1 &&
    "$top/tools/debian/run" crane pull --format=oci "$image" "$work/crane" >>"$work/crane.log" 2>&1 ||
    fail "crane: $1; $(cat "$work/crane.log")"
  expect_equal "digest that crane computes" "$2" "$("$top/tools/debian/run" crane digest "$image")"
  diff -r "$1/blobs" "$work/crane/blobs" || fail "crane pulled other blobs"
}

# run_image NAME [PROGRAM]: what its entrypoint, or another program, prints in a container.
run_image() {
  rm -rf "$work/$1.bundle"
  # umoci checks every digest and diffID while it unpacks.
  umoci unpack --image "$work/$1:test" "$work/$1.bundle" >"$work/umoci.log" 2>&1 || fail "unpack $1; $(cat "$work/umoci.log")"
  # Limits need rights that a container of a CI service lacks.
  python3 - "$work/$1.bundle/config.json" "${@:2}" <<'EOF'
import json, sys

with open(sys.argv[1]) as file:
    config = json.load(file)
config["process"]["terminal"] = False
config["process"]["args"] = sys.argv[2:] or config["process"]["args"]
config["process"].pop("rlimits", None)
config["linux"].pop("resources", None)
with open(sys.argv[1], "w") as file:
    json.dump(config, file)
EOF
  (cd "$work" && runc --root "$work/runc" run -b "$work/$1.bundle" "$1-$$" 2>"$work/runc.log") || fail "run $1; $(cat "$work/runc.log")"
}

# python_path LAYER: a PATH with the interpreter of a layer, as the launcher of
# rules_python asks PATH for a Python to start with.
python_path() {
  local python
  python=$(tar -tf "$1" | grep '/bin/python3$')
  echo "/${python%/*}:/usr/bin:/bin"
}
