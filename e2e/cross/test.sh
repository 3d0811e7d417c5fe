#!/usr/bin/env bash
# An image for linux/amd64 and linux/arm64 from one host: each with its own interpreter, wheels,
# and what is compiled of an sdist, down to the ELF headers; that of arm64 runs under qemu. One
# with a wheel of the wrong machine is refused.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
# shellcheck source=e2e/registry.bash
source "$top/e2e/registry.bash"
cd "$top/e2e/cross"

# Debian's packages of arm64, unpacked: the Python as rules_python lays one out, the rest a base.
arm64=${disk_cache%/*}/arm64.tar
if [ ! -f "$arm64" ]; then
  mmdebstrap --quiet --variant=extract --architectures=arm64 --include=libstdc++6,python3.11-minimal,libpython3.11-stdlib \
    bookworm "$work/debian.tar" "$("$top/tools/debian/find_mirror" bookworm)"
  mv "$work/debian.tar" "$arm64"
fi
headers=${disk_cache%/*}/python3.11_headers.tar
if [ ! -f "$headers" ]; then
  mmdebstrap --quiet --variant=extract --architectures=amd64,arm64 --include=libpython3.11-dev:amd64,libpython3.11-dev:arm64 \
    bookworm "$work/debian" "$("$top/tools/debian/find_mirror" bookworm)"
  (cd "$work/debian/usr/include" && tar -cf "$work/headers.tar" python3.11 ./*/python3.11)
  rm -rf "$work/debian"
  mv "$work/headers.tar" "$headers"
fi
unpacked=(aarch64/python base/layout crcmod/sdist python_headers/include)
rm -rf "${unpacked[@]}"
# shellcheck disable=SC2016 # evaluated at the end
cleanups=('(cd "$top/e2e/cross" && rm -rf "${unpacked[@]}")' "${cleanups[@]}")
mkdir -p crcmod/sdist python_headers/include
tar -xf "$headers" -C python_headers/include
python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary crcmod --require-hashes --requirement crcmod/requirements.txt --dest "$work"
tar -xzf "$work"/crcmod-*.tar.gz --strip-components=1 -C crcmod/sdist

mkdir -p aarch64/python/lib "$work/debian"
tar -xf "$arm64" -C "$work/debian" --exclude='./dev/*'
mv "$work/debian/usr/lib/python3.11" aarch64/python/lib/
install -D "$work/debian/usr/bin/python3.11" aarch64/python/bin/python3
rm -r "$work/debian/usr/bin/python3.11" aarch64/python/lib/python3.11/sitecustomize.py
tar --sort=name --mtime=@0 -C "$work/debian" -cf "$work/arm64.tar" .

build //:app_layers
tool=$(readlink -f bazel-bin/app_layers_/app_layers)
"$tool" describe "${base%.metadata.json}.tar" --metadata "$work/base_amd64.json"
"$tool" describe "$work/arm64.tar" --metadata "$work/base_arm64.json"
"$tool" image --metadata "$work/base_amd64.json" --layer "${base%.metadata.json}.tar" --platform linux/amd64 --output "$work/base_amd64"
"$tool" image --metadata "$work/base_arm64.json" --layer "$work/arm64.tar" --platform linux/arm64/v8 --env PATH=/usr/bin --output "$work/base_arm64"
"$tool" index "$work/base_amd64" "$work/base_arm64" --output base/layout

build //:image //:image.digest //:arm64 //:arm64.digest
python3 "$top/e2e/image/check_layout.py" bazel-bin/image
# In the folder of its configuration.
file_of() {
  bazel cquery --output=files "$1" 2>/dev/null
}
expect_equal "digest of //:arm64 and of the image in the index" "$(cat "$(file_of //:arm64.digest)")" \
  "$(python3 "$top/e2e/cross/machines.py" bazel-bin/image)"
crane_takes bazel-bin/image "$(cat bazel-bin/image.sha256)"

bazel run --disk_cache="$disk_cache" //:image.report -- --format json 2>"$work/log" >"$work/report.json" || fail "report: $(cat "$work/log")"
python3 "$top/e2e/report/check_whole.py" bazel-bin/image <"$work/report.json"
echo "cross: the report has both images and their bases"

if bazel build --disk_cache="$disk_cache" //:astray_image >"$work/log" 2>&1; then
  fail "built: an image for aarch64 with a wheel for x86_64"
fi
grep -qE 'layer_tool: //[a-z_/]*:astray_image_layers: app.runfiles/.*/numpy[^ ]*\.so[^ ]* of numpy is for x86_64, and the image for aarch64; depend on ' "$work/log" ||
  { cat "$work/log" >&2; fail "no word of the wheel for x86_64"; }
echo "cross: a shared object for another machine is refused"

# Linux 6.7 and later let a namespace have binary formats of its own; nothing of the machine changes.
umoci unpack --image "$(file_of //:arm64):latest" "$work/arm64.bundle" >"$work/umoci.log" 2>&1 || fail "unpack; $(cat "$work/umoci.log")"
cat >"$work/in_namespace" <<'END'
set -e
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc || exit 77
printf '%s' ':qemu-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/qemu-aarch64-static:F' >/proc/sys/fs/binfmt_misc/register
exec chroot "$@"
END
mapfile -t entrypoint < <(python3 -c 'import json, sys; print(*json.load(open(sys.argv[1]))["process"]["args"], sep="\n")' "$work/arm64.bundle/config.json")
code=0
answer=$(unshare --user --map-root-user --mount bash "$work/in_namespace" "$work/arm64.bundle/rootfs" "${entrypoint[@]}") || code=$?
if [ "$code" = 77 ]; then
  echo "cross: not run, as this kernel has no binary formats of a namespace's own"
  exit
fi
expect_equal "what arm64 prints" "aarch64 30 0xcbf43926" "$answer"
echo "cross: arm64 runs by its own entrypoint under qemu"
