#!/usr/bin/env bash
# The same layers, byte for byte, by every local strategy and number of threads; e2e/remote
# has the remote one.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"

# by NAME EXPECTED_RUNNER FLAG...: runs every layer's action anew and notes the digests.
by() {
  local name=$1 runner=$2
  shift 2
  rm -rf bazel-bin/*layers_*.{tar*,json,links} bazel-bin/*layers.{plan.json,warnings} bazel-bin/{image,case/}*
  [ ! -d bazel-bin/ ] || find bazel-bin/ -name '*.part*' -delete
  build "${targets[@]}" --output_groups=+metadata,+plan,+files,+report \
    --modify_execution_info='(Image|LinkedTrees).*=+no-cache,Image.*=-no-sandbox' --execution_log_json_file="$work/$name.log" "$@"
  # Images with all their blobs, too, and what is of a whole image.
  digests bazel-bin >"$work/$name.digests"
  [ ! -d bazel-bin/image ] || find bazel-bin/{image,case/on_base}/ bazel-bin/case/*.{json,html,tar,gz,zst} -type f |
    LC_ALL=C sort | xargs sha256sum >>"$work/$name.digests"
  expect_equal "runners of $name" "$runner" \
    "$(python3 "$top/e2e/spawns.py" "$work/$name.log" "${mnemonics[@]}" | cut -d' ' -f2 | sort -u)"
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
}
everywhere e2e/js 12 //:layers //:shared_layers
image_on_base
everywhere examples 19 //:layers //:grouped_layers //:image //case:on_base{,.tar,.report} //case:{folders,followed}_layers

# The tool by hand, over the manifests of the build.
build "${targets[@]}" --output_groups=+mtree,+metadata
tool=$(readlink -f bazel-bin/layers_/layers)
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

# Folders from a cache that are not all brought here have not all of their links; what was noted of
# them is in the cache, too. Nothing is noted for who follows links: docs/tiers.md tells them to have
# all brought, as Bazel may not have all files below a link to a folder otherwise.
mkdir "$work/cache"
cp "$tool" "$work/layer_tool"
prebuilt "$work/layer_tool" case/tool
for flag in --remote_download_outputs={all,all,toplevel,minimal}; do
  kinds=folders
  [ "$flag" != --remote_download_outputs=all ] || kinds='folders followed'
  for kind in $kinds; do
    bazel clean >"$work/build.log" 2>&1
    build "//case:${kind}_layers" --disk_cache="$work/cache" "$flag" \
      --modify_execution_info=ImageLayer=+no-cache --extra_toolchains=//case/tool:all
    expect_equal "$kind by $flag" "$(grep "case/${kind}_layers_default.tar" "$work/sandbox.digests")" \
      "$(sha256sum "bazel-bin/case/${kind}_layers_default.tar.gz")"
  done
done
expect_equal "links in a folder" "$(cat <<'END'
a
chain -> link
folder -> sub
leaves -> ../trees.beside/sub/x
link -> a
sub
sub/b
sub/leaves -> ../../trees.beside/sub/x
sub/up -> ../a
END
)" "$(bsdtar -tvf bazel-bin/case/folders_layers_default.tar.gz | sed -n 's|.*/trees\.tree/\(..*\)|\1|p' | sed 's|/$||' | LC_ALL=C sort)"
# What such a build leaves here has not all links either.
bazel clean >"$work/build.log" 2>&1
echo "same bytes: folders from a cache"
