"""Writes the plan and the lists of files of a large image, as `plan` and `files` do.

    generate.py FOLDER FILES MIB

Names and sizes are as in site-packages: many small files in folders of packages, a few
large shared objects. The same arguments give the same files.
"""

import json
import pathlib
import random
import sys

folder, files, mib = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
random.seed(1)
WORDS = "core test util data model index array frame linear parse format series http client server config image plot".split()
PACKAGES = 60

def digest(*parts):
    return "sha256:" + random.Random(repr(parts)).randbytes(32).hex()

def paths(count):
    """Paths of a package."""
    found = set()
    while len(found) < count:
        depth = random.choice([0, 1, 1, 2, 2, 3])
        names = [random.choice(WORDS) for _ in range(depth)]
        name = "{}_{}{}".format(random.choice(WORDS), random.choice(WORDS), random.randrange(count))
        found.add("/".join(names + [name + random.choice([".py", ".py", ".pyi", ".txt", ".h"])]))
    return sorted(found)

def sizes(count, total):
    """Sizes of which a few are most of the total, in blocks."""
    weights = [random.paretovariate(0.7) for _ in range(count)]
    scale = total / sum(weights)
    return [1024 + int(weight * scale) // 512 * 512 for weight in weights]

layers = {"interpreter": ["interpreter"], "packages": [f"package{n}" for n in range(PACKAGES - 2)], "default": ["//app:app"]}
plan = {"name": "//app:layers", "layers": []}
for layer, names in layers.items():
    # A layer begins with folders and ends with two blocks.
    offset = 1024 * len(names)
    listed, units = [], []
    for name in names:
        start = offset
        prefix = f"app.runfiles/rules_python~~pip~pip_311_{name.strip('/').replace(':', '_')}/site-packages/{name.strip('/').replace(':', '_')}/"
        count = files // PACKAGES
        for path, size in zip(paths(count), sizes(count, mib * 2**20 // PACKAGES)):
            # One file in fifty is a copy of another one.
            content = (random.randrange(40), size) if random.random() < 0.02 else (name, path)
            listed.append({"path": prefix + path, "offset": offset, "size": size, "digest": digest(*content)})
            offset += size
        units.append({
            "name": name, "kind": "own" if layer == "default" else "interpreter" if layer == "interpreter" else "distribution",
            "group": layer, "reason": "no key of //:tier", "digest": digest(name),
            "size": (offset - start) // 3, "uncompressed_size": offset - start, "files": count, "machines": {},
        })
    of_layer = {
        "digest": digest("layer", layer), "size": sum(unit["size"] for unit in units),
        "uncompressed_size": offset + 1024, "files": len(listed), "machines": {},
    }
    plan["layers"].append({"name": layer, **of_layer, "units": units})
    (folder / f"{layer}.files.json").write_text(json.dumps({"layers": [{"digest": of_layer["digest"], "files": listed}]}))
(folder / "large.plan.json").write_text(json.dumps(plan))
