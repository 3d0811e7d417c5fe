"""law.py LAYER_TOOL: every layer that is written, all read back alike.

Layers of awkward entries, in every compression, are listed by `ls`, `files`, Python, GNU tar and
bsdtar. Each says the same of every entry as the manifest does.
"""

import hashlib
import json
import os
import random
import subprocess
import sys
import tarfile

SEED = 20
LAYERS = 12
ENTRIES = 60
# What names are made of: what ends lines, words and escapes, no UTF-8, what tar and mtree take for
# their own, and long ones.
PIECES = [b"a", b"Z", b" ", b"\n", b"\t", b"\\", b"#", b"=", b"%", b'"', b"-", b"\x01", b"\x7f", b"\xff", "é".encode(), "日".encode(), b"n" * 30, b"*", b"->", b"."]
CONTENTS = [b"", b"one", b"z" * 511, b"q" * 512, bytes(range(256)) * 300]


def escape(path):
    """As vis(3) does for mtree(5)."""
    plain = bytes(byte for byte in range(33, 127) if byte not in b'\\#"*?[')
    return "".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in path)


def name(rng):
    while True:
        made = b"".join(rng.choice(PIECES) for _ in range(rng.randint(1, 9)))[:255]
        if made not in (b".", b"..") and not made.startswith(b".wh."):
            return made


def entries(rng):
    """Path to a tuple: type, mode, uid, gid, seconds, and the content or target."""
    made = {}
    folders = [b""]
    while len(made) < ENTRIES:
        path = rng.choice(folders) + name(rng)
        if path in made or len(path) > 1000:
            continue
        kind = rng.choice(["file", "file", "dir", "link"])
        payload = {"file": lambda: rng.choice(CONTENTS), "dir": lambda: None, "link": lambda: name(rng) + b"/" + name(rng)}[kind]()
        mode = 0o777 if kind == "link" else rng.choice([0o644, 0o755, 0o4711, 0o1777, 0o600])
        ids = rng.choice([(0, 0), (1000, 100), (3_000_000, 2**31)])
        made[path] = (kind, mode, *ids, rng.choice([0, 1_672_560_000, -5, 2**33 + 1]), payload)
        if kind == "dir":
            folders.append(path + b"/")
    return made


def manifest(made, files):
    lines = ["#mtree"]
    for path, (kind, mode, uid, gid, seconds, payload) in made.items():
        line = f"./{escape(path)} type={kind} mode={mode:04o} uid={uid} gid={gid} time={seconds}"
        if kind == "file":
            line += f" contents={files[payload]}"
        if kind == "link":
            line += f" link={escape(payload)}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout


def octal(text):
    """Bytes of vis(3) escapes."""
    parts = text.split("\\")
    return parts[0].encode() + b"".join(bytes([int(part[:3], 8)]) + part[3:].encode() for part in parts[1:])


def by_python(layer):
    read = {}
    with tarfile.open(layer, errors="surrogateescape", encoding="utf-8") as tar:
        for member in tar:
            path = os.fsencode(member.name)
            if member.isreg():
                read[path] = ("file", member.mode, member.uid, member.gid, int(member.mtime // 1), tar.extractfile(member).read())
            elif member.islnk():
                first = read[os.fsencode(member.linkname)]
                read[path] = ("file", member.mode, member.uid, member.gid, int(member.mtime // 1), first[5])
            elif member.issym():
                read[path] = ("link", member.mode, member.uid, member.gid, int(member.mtime // 1), os.fsencode(member.linkname))
            else:
                read[path] = ("dir", member.mode, member.uid, member.gid, int(member.mtime // 1), None)
    return read


def by_ls(tool, layer):
    names = {"file": "file", "hardlink": "file", "dir": "dir", "symlink": "link"}
    return {
        octal(entry["path"]): (names[entry["type"]], int(entry["mode"], 8), entry["uid"], entry["gid"], entry.get("link") and octal(entry["link"]), entry["size"], entry["type"])
        for entry in json.loads(run(tool, "ls", "--format=json", layer))
    }


def by_files(tool, layer):
    run(tool, "files", layer, "--output", "files.json")
    with open("files.json") as file:
        (listing,) = json.load(file)["layers"]
    return {octal(entry["path"]): entry for entry in listing["files"]}


def text(path, encoding):
    """A name as tars print it, GNU tar with the quoting style `escape`: what no terminal shows is escaped."""
    known = {7: "\\a", 8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t", 11: "\\v", 92: "\\\\"}
    shown = ""
    for letter in path.decode(encoding, "surrogateescape"):
        if ord(letter) in known:
            shown += known[ord(letter)]
        elif letter.isprintable() and (letter.isascii() or encoding != "ascii"):
            shown += letter
        else:
            octets = letter.encode("utf-8", "surrogateescape")
            shown += "".join(f"\\{byte:03o}" for byte in octets)
            # bsdtar takes nothing for UTF-8 after a byte that is none.
            encoding = encoding if letter.isascii() else "ascii"
    return shown


def check(what, expected, actual):
    if expected != actual:
        for path in sorted(set(expected) | set(actual)):
            if expected.get(path) != actual.get(path):
                sys.exit(f"FAIL: {what}: {path!r}: {expected.get(path)!r} was written, {actual.get(path)!r} read")
        sys.exit(f"FAIL: {what}: another order")


def main():
    tool = sys.argv[1]
    rng = random.Random(SEED)
    files = {}
    for number, content in enumerate(CONTENTS):
        files[content] = f"content{number}"
        with open(files[content], "wb") as file:
            file.write(content)
    for number in range(LAYERS):
        made = entries(rng)
        with open("manifest", "w") as file:
            file.write(manifest(made, files))
        for compression in ["none", "gzip", "zstd"]:
            # At once, and of a fragment.
            compress = ["--manifest=manifest", "--compress", compression]
            if number % 2:
                run(tool, "layer", *compress, "--output=layer", "--metadata=json")
            else:
                run(tool, "layer", *compress, "--fragment", "--output=part", "--metadata=sidecar")
                run(tool, "concat", *compress[1:], "--fragment=part", "--sidecar=sidecar", "--output=layer")
            what = f"layer {number}, {compression}"
            # Python before 3.14 knows no zstd.
            plain = "layer"
            if compression == "zstd":
                run("zstd", "-dqf", "layer", "-o", "plain")
                plain = "plain"
            check(f"Python, {what}", made, by_python(plain))

            listed = by_ls(tool, "layer")
            linked = {path: entry[4] for path, entry in listed.items() if entry[6] == "hardlink"}
            size = lambda path: len(made[path][5]) if made[path][0] == "file" and path not in linked else 0
            check(f"ls, {what}", {path: (*entry[:4], entry[5] if entry[0] == "link" else linked.get(path), size(path)) for path, entry in made.items()}, {path: entry[:6] for path, entry in listed.items()})

            digest = lambda path: "sha256:" + hashlib.sha256(made[path][5]).hexdigest() if size(path) else None
            expected = {
                path: (digest(path), escape(linked[path]) if path in linked else escape(entry[5]) if entry[0] == "link" else None)
                for path, entry in made.items()
                if entry[0] != "dir"
            }
            check(f"files, {what}", {path: value for path, value in expected.items()}, {path: (entry.get("digest"), entry.get("link") and escape(octal(entry["link"]))) for path, entry in by_files(tool, "layer").items()})

            kinds = {"file": "-", "dir": "d", "link": "l"}
            for reader, encoding in [(["tar", "--quoting-style=escape"], "ascii"), (["bsdtar"], "utf-8")]:
                # bsdtar takes names that are pax records for text of the locale.
                environment = os.environ | {"LC_ALL": "C.UTF-8" if encoding == "utf-8" else "C"}
                lines = lambda flag: run(*reader, flag, "layer", env=environment).decode().split("\n")[:-1]
                names = [text(path, encoding) + ("/" if made[path][0] == "dir" else "") for path in listed]
                check(f"{reader[0]}, {what}", dict(enumerate(names)), dict(enumerate(lines("-tf"))))
                kind = lambda path: "h" if path in linked else kinds[made[path][0]]
                check(f"kinds by {reader[0]}, {what}", dict(enumerate(map(kind, listed))), dict(enumerate(line[0] for line in lines("-tvf"))))
    print(f"readers: {LAYERS} layers of {ENTRIES} awkward entries, in every compression, by five programs alike")


main()
