#!/usr/bin/env bash
# The report of images, used in a real browser; budgets as real tests; and that long commands
# tell how far they are, at a terminal only.
# e2e/report/test.sh [FOLDER]: leaves the screenshots of the docs in FOLDER.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
screenshots=$(realpath "${1:-$work}")
cd "$top/examples"

image_on_base

build //case:layers //case:report --output_groups=+plan,+files,+report
tool=$(readlink -f bazel-bin/case/layers_/layers)
plans=(--plan bazel-bin/case/layers.plan.json --plan bazel-bin/case/numbers_layers.plan.json)
lists=()
for list in bazel-bin/case/layers_*.files.json bazel-bin/case/numbers_layers_*.files.json; do
  lists+=(--files "$list")
done

# The page is the same wherever it is written.
"$tool" report "${plans[@]}" "${lists[@]}" --format html >"$work/by_hand.html"
cmp "$work/by_hand.html" bazel-bin/case/report.html || fail "the page of an action is another one"

# What has changed since a plan in which numpy was another one.
python3 - bazel-bin/case/layers.plan.json >"$work/old.plan.json" <<'END'
import json, sys
plan = json.load(open(sys.argv[1]))
plan["name"] = "//:old"
packages = next(layer for layer in plan["layers"] if layer["name"] == "packages")
numpy = next(unit for unit in packages["units"] if unit["name"] == "numpy")
numpy["size"] -= 1 << 20
for changed in [packages, numpy]:
    changed["digest"] = "sha256:" + 64 * "0"
json.dump(plan, sys.stdout)
END
cp "$work/old.plan.json" case/
run=(bazel run --disk_cache="$disk_cache")
expect_equal "what bazel run prints" "$PWD/case/page.html" \
  "$(cd case && "${run[@]}" //case:report -- --output page.html --against old.plan.json 2>/dev/null)"
"${run[@]}" //case:image.report -- --format json --against case/old.plan.json 2>/dev/null >"$work/report.json"
expect_equal "what has changed" "changed numpy [False, False, True]" "$(python3 - "$work/report.json" <<'END'
import json, sys
[image] = json.load(open(sys.argv[1]))["images"]
[change] = image["changes"]["units"]
biggest = max((file["uncompressed_size"], file["path"]) for layer in image["layers"] for unit in layer["units"] for file in unit["paths"])
print(change["what"], change["unit"], [biggest[1].endswith(".py"), biggest[0] < 1 << 20, len(image["layers"]) == 3])
END
)"
page=$("${run[@]}" //case:layers.report 2>/dev/null)
grep -q '<!doctype html>' "$page" || fail "no page at $page"
rm "$page"
echo "report: by action, by hand and by bazel run"

# A whole image: the layers of its base and a tar too.
build //case:on_base
"${run[@]}" //case:on_base.report -- --format json 2>/dev/null >"$work/report.json"
python3 "$top/e2e/report/check_whole.py" bazel-bin/case/on_base <"$work/report.json" || fail "the report of a whole image"
expect_equal "its layers" "base 1, base 2, extra.tar, interpreter, default" \
  "$(python3 -c 'import json, sys; print(*(layer["name"] for layer in json.load(sys.stdin)["images"][0]["layers"]), sep=", ")' <"$work/report.json")"
echo "report: a base and a tar are in it"

# 500 MB in 30,000 files.
python3 "$top/e2e/report/generate.py" "$work" 30000 500
"$tool" report --plan "$work/large.plan.json" --files "$work/interpreter.files.json" \
  --files "$work/packages.files.json" --files "$work/default.files.json" --format html --output "$work/large.html"
size=$(stat -c %s "$work/large.html")
[ "$size" -lt 3000000 ] || fail "the page of 30000 files has $size bytes"
python3 "$top/e2e/report/page.py" case/page.html "$work/large.html" "$screenshots" || fail "the page in a browser"

# What is not a plan, and not a list.
for wrong in --against=MODULE.bazel "--against=$work/report.json" --files=bazel-bin/case/layers_default.metadata.json --plan=MODULE.bazel; do
  if "$tool" report --plan bazel-bin/case/layers.plan.json "$wrong" --format html --output "$work/wrong.html" 2>"$work/log"; then
    fail "a report with $wrong"
  fi
  grep -qE '^layer_tool: .*: not the (plan of an image|list of the files of a layer) \(.*; give a file that' "$work/log" || fail "no word of $wrong: $(cat "$work/log")"
  [ ! -e "$work/wrong.html" ] || fail "a page for $wrong"
done

# Budgets.
run_test() {
  bazel test --disk_cache="$disk_cache" --test_output=all "$1" >"$work/test.log" 2>&1
}
run_test //case:fits || fail "fits: $(cat "$work/test.log")"
grep -q 'ok: total has' "$work/test.log" || fail "fits: no total"
run_test //case:base_fits || fail "base_fits: $(cat "$work/test.log")"
if run_test //case:base_too_large; then fail "base_too_large passes"; fi
grep -qE '^ .* base 1 +//case:base$' "$work/test.log" || fail "base_too_large: $(cat "$work/test.log")"
if run_test //case:too_large; then fail "too_large passes"; fi
grep -q 'ok: layer default' "$work/test.log" || fail "too_large: $(cat "$work/test.log")"
expect_equal "the ten biggest" "numpy pandas" \
  "$(awk '$4 == "packages" && NF == 5 {print $5}' "$work/test.log" | head -2 | paste -sd' ')"
expect_equal "how many biggest" 10 "$(awk '$4 == "packages" && NF == 5' "$work/test.log" | wc -l)"
if run_test //case:unknown; then fail "unknown passes"; fi
grep -q '//case:layers has no layer "numpi"; use one of "interpreter", "packages", "default"' "$work/test.log" || fail "unknown: $(cat "$work/test.log")"
echo "report: budgets are kept, exceeded and misspelt"

# At a terminal there is progress, elsewhere silence.
layer=bazel-bin/case/layers_packages
progress() {
  local word=$1
  shift
  script -qec "$*" /dev/null >"$work/terminal.log"
  grep -q "$word: [0-9]* % of" "$work/terminal.log" || fail "no progress at a terminal: $*"
}
progress listing "$tool" files $layer.tar.gz --output "$work/files.json"
cmp "$work/files.json" $layer.files.json || fail "another list at a terminal"
progress writing "$tool" image --metadata $layer.metadata.json --layer $layer.tar.gz --platform linux/amd64 --output "$work/layout"
progress writing "$tool" archive "$work/layout" --repo-tag a:b --output "$work/archive.tar"
printf '#!/bin/sh\nexec cat >/dev/null\n' >"$work/docker"
chmod +x "$work/docker"
progress loading "$tool" load "$work/layout" --repo-tag a:b --with "$work/docker"
for command in "files $layer.tar.gz --output $work/files.json" "archive $work/layout --repo-tag a:b --output $work/archive.tar" "load $work/layout --repo-tag a:b --with $work/docker"; do
  # shellcheck disable=SC2086 # words
  expect_equal "what $command says without a terminal" "" "$("$tool" $command 2>&1)"
done
echo "report: progress at a terminal, silence elsewhere"
