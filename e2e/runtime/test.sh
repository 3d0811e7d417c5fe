#!/usr/bin/env bash
# Layers of a build on a Debian base go to a real registry, come back, and run.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
here=$top/e2e/runtime
cd "$top/examples"

build //:layers --output_groups=+metadata
layers=(bazel-bin/layers_{interpreter,packages,default}.metadata.json)

# What Debian calls essential, and what wheels take for granted (PEP 513); the
# application brings its Python.
base=${disk_cache%/*}/base_with_libstdc++
if [ ! -f "$base.metadata.json" ]; then
  mmdebstrap --quiet --variant=essential --include=libstdc++6 bookworm "$work/base.tar" "$("$top/tools/debian/find_mirror" bookworm)"
  digest=sha256:$(sha256sum "$work/base.tar" | cut -d' ' -f1)
  mv "$work/base.tar" "$base.tar"
  printf '{"media_type": "application/vnd.oci.image.layer.v1.tar", "digest": "%s", "diff_id": "%s", "size": %d}\n' \
    "$digest" "$digest" "$(stat -c %s "$base.tar")" >"$base.metadata.json"
fi

# The launcher of rules_python asks PATH for a Python to start with.
python=$(tar -tf bazel-bin/layers_interpreter.tar.gz | grep '/bin/python3$')
python3 "$here/oci_layout.py" "$work/made" /app "PATH=/${python%/*}:/usr/bin:/bin" "$base.metadata.json" "${layers[@]}"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/registry.yml" <<EOF
version: 0.1
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: "127.0.0.1:$port"}
EOF
docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
cleanups=("kill $!" "${cleanups[@]}")
image=docker://127.0.0.1:$port/test:test
for _ in $(seq 50); do
  curl -fs "http://127.0.0.1:$port/v2/" >/dev/null && break
  sleep 0.2
done
skopeo copy --quiet --preserve-digests --dest-tls-verify=false "oci:$work/made:test" "$image" || fail "push; $(cat "$work/registry.log")"
skopeo copy --quiet --preserve-digests --src-tls-verify=false "$image" "oci:$work/pulled:test"

expect_equal "digests of the layers that come back" \
  "$(for file in "$base.metadata.json" "${layers[@]}"; do python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["digest"])' "$file"; done)" \
  "$(skopeo inspect "oci:$work/pulled:test" | python3 -c 'import json, sys; print(*json.load(sys.stdin)["Layers"], sep="\n")')"

# umoci checks every digest and diffID while it unpacks.
umoci unpack --image "$work/pulled:test" "$work/bundle" >"$work/umoci.log" 2>&1 || fail "unpack; $(cat "$work/umoci.log")"
# Limits need rights that a container of a CI service lacks.
python3 - "$work/bundle/config.json" <<'EOF'
import json, sys

with open(sys.argv[1]) as file:
    config = json.load(file)
config["process"]["terminal"] = False
config["process"].pop("rlimits", None)
config["linux"].pop("resources", None)
with open(sys.argv[1], "w") as file:
    json.dump(config, file)
EOF
answer=$(cd "$work" && runc --root "$work/runc" run -b "$work/bundle" "test-$$" 2>"$work/runc.log") || fail "run; $(cat "$work/runc.log")"
expect_equal "what the application prints" "$(cat app/expected.txt)" "$answer"
echo "runtime: $(echo "$answer" | wc -l) lines from inside the container, as expected"
