"""Fails unless layers have each path of a runfiles manifest once."""

import collections
import sys
import tarfile

folder, manifest, *layers = sys.argv[1:]


def unescape(path):
    return path.replace("\\s", " ").replace("\\n", "\n").replace("\\b", "\\")


wanted = set()
for line in open(manifest, encoding="utf-8"):
    escaped = line.startswith(" ")
    path = line.strip("\n").lstrip(" ").partition(" ")[0]
    wanted.add(folder + "/" + (unescape(path) if escaped else path))

found = collections.Counter()
links = set()
for layer in layers:
    with tarfile.open(layer) as tar:
        for member in tar:
            path = member.name.removeprefix("./")
            if not member.isdir():
                found[path] += 1
            if member.issym():
                links.add(path)


def parents(path):
    return [path.rsplit("/", depth)[0] for depth in range(1, path.count("/") + 1)]


# Of a folder that an action made the manifest has the folder; with a tier, packages are linked.
below = {parent for path in found for parent in parents(path)}
missing = sorted(path for path in wanted if path not in found and path not in below and links.isdisjoint(parents(path)))
twice = sorted(path for path, count in found.items() if count > 1)
above = {parent for path in wanted for parent in parents(path)}
other = sorted(
    path
    for path in found
    if path.startswith(folder + "/") and wanted.isdisjoint([path, *parents(path)]) and path not in above
)
for problem, paths in {"missing": missing, "twice": twice, "not among the runfiles": other}.items():
    for path in paths:
        print(problem, path)
sys.exit(1 if missing or twice or other else 0)
