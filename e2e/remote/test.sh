#!/usr/bin/env bash
# The examples on a real remote executor, by --config=remote: the bytes are those of a local
# build, and a client that has nothing finds every layer and image in the cache.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"

# It runs actions in bare folders.
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

# The program that a release would have: the examples compile none.
(cd "$top/examples" && build //:layers)
released=$(readlink -f "$top/examples/bazel-bin/layers_/layers")

# copy_for_remote FOLDER: a copy of the current module, with the settings of its user.
copy_for_remote() {
  local copy=$1
  mkdir -p "$copy"
  git ls-files -z | xargs -0 cp --parents -t "$copy"
  [ ! -d case ] || cp -r case "$copy"
  sed -i "s|path = \"[./]*\.\.|path = \"$top|" "$copy/MODULE.bazel"
  cp "$top/examples/.bazelrc" "$copy"
  prebuilt "$released" "$copy/tool"
  cat >"$copy/user.bazelrc" <<END
common --extra_toolchains=//tool:all
common --disk_cache=
common:remote --remote_executor=grpc://127.0.0.1:$port
END
}

# client NAME FLAG...: builds the targets of the current module as a new machine would: in a
# clone of its own, which stays the current folder, with nothing fetched, built or cached.
client() {
  rm -rf "$work/first" "$work/second" "$work/base_of_first" "$work/base_of_second"
  copy_for_remote "$work/$1"
  cd "$work/$1"
  bazel --batch --output_base="$work/base_of_$1" build --repository_cache= --execution_log_json_file="$work/$1.log" \
    "${targets[@]}" "${@:2}" >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; fail "bazel build as $1"; }
}

# actions OPTION NAME [MNEMONIC...]: what e2e/spawns.py says of a client's actions, by default all of ours.
actions() {
  local option=$1 name=$2
  shift 2
  [ $# -gt 0 ] || set -- "${mnemonics[@]}"
  python3 "$top/e2e/spawns.py" "$option" "$work/$name.log" "$@"
}

# remotely FOLDER TARGET...: builds those of a module here, then remotely for two clients. With
# `tree_links` set, as docs/tiers.md tells those who have links in folders.
remotely() {
  local name=${1##*/}
  targets=("${@:2}" "--output_groups=+metadata,+plan,+sparse,+digest,+files,+report")
  cd "$top/$1"
  build "${targets[@]}"

  # This executor wants the targets of declared symlinks as blobs, which Bazel does not send.
  find bazel-bin/ -lname '[!/]*' -printf '%l\0' | sort -zu | while IFS= read -rd '' target; do
    digest=$(printf %s "$target" | sha256sum)
    mkdir -p "$blobs/${digest:0:2}"
    printf %s "$target" >"$blobs/${digest:0:2}/${digest:2:62}"
  done

  client first --config=remote-ci ${tree_links:+--remote_download_outputs=all}
  expect_equal "runners of $name" remote "$(actions --ran first | grep -v ^ImageTreeLinks | cut -d' ' -f2 | sort -u)"
  expect_equal "runner of the links in folders of $name" "$tree_links" \
    "$(actions --ran first ImageTreeLinks | cut -d' ' -f2 | sort -u)"
  actions --digests first Image{Archive,Base,Concat,Describe,Files,Layer,Layout,Manifest,Plan,Report} >"$work/digests"
  (cd "$top/$1" && sha256sum --check --quiet "$work/digests") || fail "a local build of $name has other digests"

  # This executor takes no results of what ran here, so a second client looks for links again.
  if [ -n "$tree_links" ]; then
    echo "remote: folders of $name: $(wc -l <"$work/digests") digests of a local build"
    return
  fi

  cd "$top/$1"
  # What is between the actions of a whole image, too.
  client second --config=remote --remote_download_regex='.*/case/.*'
  expect_equal "what a second client of $name runs" "" "$(actions --ran second)"
  # Some the first client has from there, of what was built before.
  expect_equal "what a second client of $name has from the cache" \
    "$({ actions --ran first | sed 's/ \(remote\|local\) / remote cache hit /'; actions --hits first; } | grep . | sort)" \
    "$(actions --hits second | sort)"
  sha256sum --check --quiet "$work/digests" || fail "what a second client of $name was brought"
  echo "remote: $name: $(wc -l <"$work/digests") digests of a local build; a second client has $(actions --hits second | wc -l) actions from the cache"
}
image_on_base

# The links in a folder are what they are here: they are copies on the executor.
tree_links=local
remotely examples //case:{folders,followed}_layers
tree_links=
remotely examples //:image //:image_layers //case:on_base{,.tar,.report}
remotely e2e/js //:layers //split:layers
