#!/usr/bin/env bash
# A release as its users meet it: a registry's entry, one bazel_dep, and a program that is
# downloaded. Nothing of Rust is fetched, and what is wrong with a download is said.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"

# files FOLDER INTO: what git knows of a folder of the repository, as it stands.
files() {
  mkdir -p "$2"
  (cd "$top/$1" && git ls-files -z . | xargs -0 cp --parents -t "$2")
}

# A release is of a commit, and of a version that the changelog has.
files . "$work/source"
version=$(sed -n 's/^    version = "\(.*\)",$/\1/p;T;q' "$top/MODULE.bazel")
cd "$work/source"
sed -i "s/^## Unreleased/## $version/" CHANGELOG.md
git init --quiet
git add --all
git -c user.name=test -c user.email=test@localhost commit --quiet --message Release

mkdir "$work/site"
python3 "$top/e2e/release/server.py" "$work/site" "$work/port" 2>"$work/server.log" &
cleanups=("kill $!" "${cleanups[@]}")
until [ -e "$work/port" ]; do sleep 0.1; done
url=http://127.0.0.1:$(cat "$work/port")
host=linux-$(uname -m)
tools/release "$version" --host "$host" --output "$work/site/dist" --url "$url/dist" >"$work/release.log"
dist=$work/site/dist
program=layer_tool-$host
(cd "$dist" && sha256sum --quiet --check SHA256SUMS)
[ "$(stat -c %s "$dist/$program")" -le 6000000 ] || fail "$program is larger than 6 MB"
! ldd "$dist/$program" >/dev/null 2>&1 || fail "$program is not static"
echo "release: $(stat -c %s "$dist/$program") bytes of $program, static"

# The registry goes before the machine's; where Debian's Bazel has modules in the place of a
# registry's, those of Rust are left out.
flags=(--registry="file://$dist/registry" --noincompatible_sandbox_hermetic_tmp)
rc=()
cache=${XDG_CACHE_HOME:-$HOME/.cache}/rules_image_layers
cd "$top/examples"
if [[ $(bazel info output_base 2>/dev/null) == "$cache"/* ]]; then
  cp -r "$("$top/tools/debian/make_root" "$cache")/usr/share/rules_image_layers/modules/apple_support" "$work/"
  sed -i '/"rules_rust"/d' "$work/apple_support/MODULE.bazel"
  "$top/tools/debian/run" cat /etc/bazel.bazelrc /etc/bazel/bazelrc |
    sed -e '/=rules_rust=/d' -e '/^try-import/d' -e "s|=apple_support=.*|=apple_support=$work/apple_support|" >"$work/bazelrc"
  rc=(--nosystem_rc --bazelrc="$work/bazelrc")
else
  flags+=(--registry=https://bcr.bazel.build)
fi

# user_bazel COMMAND ARGUMENT...: in a module that is not of the repository, without what is in a cache.
user_bazel() {
  local command=$1
  shift
  bazel "${rc[@]}" --output_base="$work/output" "$command" --disk_cache= --repository_cache= "${flags[@]}" "$@"
}
# shellcheck disable=SC2016 # evaluated at the end
cleanups=('bazel "${rc[@]}" --output_base="$work/output" shutdown >/dev/null 2>&1; chmod -R u+w "$work/output"' "${cleanups[@]}")

# user_module FOLDER: changes to a module as a user of the release has it, made of one that is here.
user_module() {
  user_bazel clean --expunge >/dev/null 2>&1 || true
  files "$1" "$work/user/$1"
  cd "$work/user/$1"
  python3 - <<'PY'
import re

text = open("MODULE.bazel").read()
text = re.sub(r"# [^\n]*\nbazel_dep\(name = \"rules_image_layers_tool\".*?\n\)\n", "", text, flags=re.S)
text = re.sub(r"local_path_override\(.*?\n\)\n", "", text, flags=re.S)
text = re.sub(r"register_toolchains\(\"@rules_image_layers_tool.*\n", "", text)
assert "rules_image_layers_tool" not in text and "override" not in text, text
open("MODULE.bazel", "w").write(text)
PY
}

for module in examples e2e/js; do
  cd "$top/$module"
  build //:layers --output_groups=+metadata,+plan
  # What an earlier build has left there is none of these.
  digests bazel-bin | grep ' \./layers' >"$work/source.digests"

  user_module "$module"
  start=$(date +%s%N)
  user_bazel build //:layers --output_groups=+metadata,+plan >"$work/build.log" 2>&1 || {
    cat "$work/build.log" >&2
    fail "bazel build with the release in $module"
  }
  echo "release: $((($(date +%s%N) - start) / 1000000)) ms for bazel build //:layers in $module with empty caches"
  expect_equal "layers of $module by the release, and from source" "$(cat "$work/source.digests")" "$(digests bazel-bin | grep ' \./layers')"
  expect_equal "actions of Rust in $module" "" \
    "$(user_bazel aquery 'mnemonic("Rustc|CargoBuildScriptRun|Cargo.*", deps(//:layers))' --output=text 2>/dev/null)"
  # What Bazel itself calls so is a part of its C++ rules.
  expect_equal "repositories of Rust that $module fetches" "" \
    "$(find "$work/output/external" -maxdepth 1 | grep -iE 'rust|cargo|crate|rules_image_layers_tool' || true)"
  user_bazel run @rules_image_layers//layers:layer_tool -- --version >"$work/version" 2>"$work/run.log" || {
    cat "$work/run.log" >&2
    fail "bazel run of the release's layer_tool"
  }
  expect_equal "version of the release's program" "layer_tool $version" "$(cat "$work/version")"
done

# What can be wrong with a download; in the module that is there, which needs no network else.
lockfile=$work/user/e2e/js/layer_tool.lock.json
cat >>MODULE.bazel <<'END'
layer_tool = use_extension("@rules_image_layers//layers:extensions.bzl", "layer_tool")
layer_tool.prebuilt(lockfile = "//:layer_tool.lock.json")
END

# refused WHAT EXPECTED SED: with a lockfile that is changed.
refused() {
  sed "$3" "$dist/layer_tool.lock.json" >"$lockfile"
  if user_bazel build //:layers >"$work/log" 2>&1; then
    fail "$1 is not refused"
  fi
  grep -q "$2" "$work/log" || {
    cat "$work/log" >&2
    fail "no word of $1"
  }
  expect_equal "programs that are there after $1" "" \
    "$(find "$work/output/external" -path '*layer_tool_prebuilt_*' -name 'layer_tool*' -type f)"
  echo "release: $1 is refused"
}

integrity=$(sed -n 's/.*"integrity": "\(.*\)".*/\1/p' "$dist/layer_tool.lock.json")
nothing=sha256-$(openssl dgst -sha256 -binary /dev/null | base64)
from_source='bazel_dep(name = "rules_image_layers_tool"'
refused "a program with another hash" "Checksum was $integrity but wanted $nothing" "s|$integrity|$nothing|"
grep -qF "$from_source" "$work/log" || fail "no word of the way from source"
refused "a page in the place of the program" "Checksum was .* but wanted $integrity" "s|$url/dist|$url/page/dist|"
refused "a program that is cut" "$url/cut/dist/$program.*\(Connection\|closed\|Bytes read\|EOF\|Checksum\)" "s|$url/dist|$url/cut/dist|"
refused "a program that is not there" "GET returned 404" "s|$program\"|&.gone\"|; s|\"\\.gone\"|.gone\"|"
refused "a lockfile of another version" "is for release 0.0.9, but rules_image_layers is $version" 's|"release": .*|"release": "0.0.9",|'
refused "what is no lockfile" "not a lockfile of version 1" 's|.*|<html>|'
refused "a host without a program" "no layer_tool for \(this machine\|the platform that actions run on\)" 's|"os": ".*"|"os": "macos"|'
grep -qF "$from_source" "$work/log" || fail "no word of the way from source"

cp "$dist/layer_tool.lock.json" "$lockfile"
user_bazel build //:layers >"$work/log" 2>&1 || {
  cat "$work/log" >&2
  fail "a lockfile of the root module"
}
echo "release: a lockfile of one's own is taken"
