"""Checks that every ELF file in the layers of an image index is for the image's machine.

machines.py LAYOUT

Prints the digest of the image for arm64.
"""

import json
import sys
import tarfile

# e_machine of an ELF header.
MACHINES = {"amd64": 62, "arm64": 183}
MIN_FILES = 20
# Compiled from an sdist, beside what wheels bring.
COMPILED = "_crcfunext.so"


def main(layout: str) -> None:
    def blob(descriptor: dict) -> str:
        return f"{layout}/blobs/sha256/" + descriptor["digest"].removeprefix("sha256:")

    def read(descriptor: dict) -> dict:
        with open(blob(descriptor), encoding="utf-8") as file:
            return json.load(file)

    with open(f"{layout}/index.json", encoding="utf-8") as file:
        index = read(json.load(file)["manifests"][0])
    assert [image["platform"]["architecture"] for image in index["manifests"]] == ["amd64", "arm64"]
    for image in index["manifests"]:
        machine = MACHINES[image["platform"]["architecture"]]
        count = 0
        compiled = False
        for layer in read(image)["layers"]:
            with tarfile.open(blob(layer)) as tar:
                for entry in tar:
                    header = tar.extractfile(entry).read(20) if entry.isreg() else b""
                    if header[:4] == b"\x7fELF":
                        found = int.from_bytes(header[18:20], "little")
                        assert found == machine, f"{entry.name} is for machine {found}, not {machine}"
                        count += 1
                        compiled |= entry.name.endswith("/" + COMPILED)
        assert count >= MIN_FILES, f"{count} ELF files in the image for machine {machine}"
        assert compiled, f"no {COMPILED} in the image for machine {machine}"
        if machine == MACHINES["arm64"]:
            print(image["digest"])


main(*sys.argv[1:])
