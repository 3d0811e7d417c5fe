#!/usr/bin/env bash
# The same layers, byte for byte, by every strategy and number of threads.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"

# A real remote executor, which runs actions in bare folders.
"$top/tools/debian/run" justbuild execute --compatible --local-build-root "$work/justbuild" \
  -p 0 --info-file "$work/info" --pid-file "$work/pid" >"$work/justbuild.log" 2>&1 &
# shellcheck disable=SC2016 # evaluated at the end
cleanups=('kill "$(cat "$work/pid")" 2>/dev/null || true' "${cleanups[@]}")
for _ in $(seq 100); do
  [ -s "$work/info" ] && break
  sleep 0.2
done
[ -s "$work/info" ] || { cat "$work/justbuild.log" >&2; fail "the remote executor did not start"; }
blobs=$work/justbuild/protocol-dependent/generation-0/compatible-sha256/casf
port=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["port"])' "$work/info")

# by NAME EXPECTED_RUNNER FLAG...: runs every layer's action anew and notes the digests.
by() {
  local name=$1 runner=$2
  shift 2
  rm -rf bazel-bin/*layers_*.{tar*,json,links} bazel-bin/*layers.{plan.json,warnings} bazel-bin/image*
  [ ! -d bazel-bin/ ] || find bazel-bin/ -name '*.part*' -delete
  build "${targets[@]}" --output_groups=+metadata,+plan --remote_download_outputs=all \
    --modify_execution_info='Image.*=+no-cache,Image.*=-no-sandbox' --execution_log_json_file="$work/$name.log" "$@"
  # An image with all its blobs, too.
  digests bazel-bin >"$work/$name.digests"
  [ ! -d bazel-bin/image ] || find bazel-bin/image/ -type f | LC_ALL=C sort | xargs sha256sum >>"$work/$name.digests"
  expect_equal "runners of $name" "$runner" \
    "$(python3 "$top/e2e/spawns.py" "$work/$name.log" Image{Concat,Fragment,Layer,Layout,Links,Manifest,Plan,Split,Validate} | cut -d' ' -f2 | sort -u)"
  expect_equal "layers by $name" "$(cat "$work/sandbox.digests")" "$(cat "$work/$name.digests")"
  echo "same bytes: $name ($(wc -l <"$work/$name.digests") files)"
}

# everywhere FOLDER LAYERS TARGET...: so many layers of a module, by each strategy.
everywhere() {
  local layers=$2
  cd "$top/$1"
  targets=("${@:3}")
  by sandbox processwrapper-sandbox --spawn_strategy=processwrapper-sandbox
  expect_equal "layers of $1" "$layers" "$(grep -c '\.tar' "$work/sandbox.digests")"
  by local local --spawn_strategy=local

  # This executor wants the targets of declared symlinks as blobs, which Bazel does not send.
  find bazel-bin/ -lname '[!/]*' -printf '%l\0' | sort -zu | while IFS= read -rd '' target; do
    digest=$(printf %s "$target" | sha256sum)
    mkdir -p "$blobs/${digest:0:2}"
    printf %s "$target" >"$blobs/${digest:0:2}/${digest:2:62}"
  done

  # It has to get what the disk cache holds, too: Bazel takes one for a copy of the other.
  by remote remote --disk_cache= --remote_executor="grpc://127.0.0.1:$port" --noremote_local_fallback \
    --strategy=Image{Concat,Fragment,Layer,Layout,Links,Manifest,Plan,Split,Validate}=remote
}
everywhere e2e/js 12 //:layers //:shared_layers
everywhere examples 10 //:layers //:grouped_layers //:image

# The tool by hand, over the manifests of the build.
build "${targets[@]}" --output_groups=+mtree,+metadata --remote_download_outputs=all
tool=$(readlink -f bazel-bin/layers)
execution_root=$(bazel info execution_root 2>/dev/null)
for threads in 1 2 4; do
  (
    cd "$execution_root/bazel-out/k8-fastbuild/bin"
    by_hand() {
      (cd "$execution_root" && "$tool" layer --manifest "bazel-out/k8-fastbuild/bin/$1.mtree" \
        --output "$work/layer" --metadata "$work/layer.json" --threads "$threads" "${@:2}")
    }
    by_hand layers_default --name default
    cmp "$work/layer" layers_default.tar.gz || fail "default with $threads threads"
    cmp "$work/layer.json" layers_default.metadata.json || fail "metadata of default with $threads threads"
    by_hand grouped_layers_layer_groups.numpy --name numpy --compress zstd
    cmp "$work/layer" grouped_layers_numpy.tar.zst || fail "numpy with $threads threads"

    # The one fragment of its layer.
    fragment=$(echo external/*/py/private/interpreter.*.part)
    by_hand layers_interpreter --fragment
    cmp "$work/layer" "$fragment" || fail "the interpreter with $threads threads"
    cmp "$work/layer.json" "$fragment.json" || fail "sidecar of the interpreter with $threads threads"
  )
done
echo "same bytes: 1, 2 and 4 threads"
