"""Prebuilt `layer_tool` binaries by lockfile, for builds without a Rust toolchain."""

_CONSTRAINTS = {
    "linux": "@platforms//os:linux",
    "macos": "@platforms//os:macos",
    "aarch64": "@platforms//cpu:aarch64",
    "x86_64": "@platforms//cpu:x86_64",
}

_BINARY_BUILD = """\
load("{toolchain_bzl}", "layer_tool_toolchain")

package(default_visibility = ["//visibility:public"])

layer_tool_toolchain(
    name = "toolchain",
    tool = "layer_tool",
)
"""

_TOOLCHAIN = """\
toolchain(
    name = "{name}",
    exec_compatible_with = {constraints},
    toolchain = "@{repo}//:toolchain",
    toolchain_type = "{toolchain_type}",
)
"""

def _binary_impl(rctx):
    rctx.download(
        url = rctx.attr.urls,
        output = "layer_tool",
        executable = True,
        integrity = rctx.attr.integrity,
    )
    rctx.file("BUILD.bazel", _BINARY_BUILD.format(
        toolchain_bzl = Label("//layer_tool:toolchain.bzl"),
    ))

_binary = repository_rule(
    implementation = _binary_impl,
    attrs = {
        "integrity": attr.string(mandatory = True),
        "urls": attr.string_list(mandatory = True),
    },
)

def _hub_impl(rctx):
    rctx.file("BUILD.bazel", "\n".join([
        _TOOLCHAIN.format(
            name = platform,
            constraints = [str(Label(_CONSTRAINTS[part])) for part in platform.split("_", 1)],
            repo = repo,
            toolchain_type = Label("//layer_tool:toolchain_type"),
        )
        for platform, repo in rctx.attr.binaries.items()
    ]))

_hub = repository_rule(
    implementation = _hub_impl,
    attrs = {
        "binaries": attr.string_dict(doc = "Platform (`OS_CPU`) to the repository of its binary."),
    },
)

def _read_lockfile(module_ctx, lockfile):
    lock = json.decode(module_ctx.read(lockfile))
    if type(lock) != "dict" or lock.get("version") != 1:
        fail("attribute lockfile of layer_tool.prebuilt: {} is no lockfile of version 1; take the one of a release".format(lockfile))
    for binary in lock.get("binaries", []):
        for field in ["os", "cpu", "urls", "integrity"]:
            if not binary.get(field):
                fail("attribute lockfile of layer_tool.prebuilt: {}: a binary without {}; take the lockfile of a release".format(lockfile, repr(field)))
        for field in ["os", "cpu"]:
            if binary[field] not in _CONSTRAINTS:
                fail("attribute lockfile of layer_tool.prebuilt: {}: unknown {} {}; known are {}".format(
                    lockfile,
                    field,
                    repr(binary[field]),
                    ", ".join(_CONSTRAINTS),
                ))
    return lock.get("binaries", [])

def _layer_tool_impl(module_ctx):
    for module in module_ctx.modules:
        if not module.is_root:
            continue
        for tag in module.tags.prebuilt:
            binaries = {}
            for binary in _read_lockfile(module_ctx, tag.lockfile):
                platform = binary["os"] + "_" + binary["cpu"]
                binaries[platform] = tag.name + "_" + platform
                _binary(
                    name = binaries[platform],
                    integrity = binary["integrity"],
                    urls = binary["urls"],
                )
            _hub(name = tag.name, binaries = binaries)

layer_tool = module_extension(
    implementation = _layer_tool_impl,
    doc = """Brings prebuilt `layer_tool` binaries, checked against a lockfile.

```starlark
layer_tool = use_extension("@rules_image_layers//layer_tool:extensions.bzl", "layer_tool")
layer_tool.prebuilt(lockfile = "//:layer_tool.lock.json")
use_repo(layer_tool, "layer_tool_prebuilt")

register_toolchains("@layer_tool_prebuilt//:all")
```

Only the root module chooses; nothing is downloaded for platforms that no action runs on.
""",
    tag_classes = {
        "prebuilt": tag_class(
            doc = "One set of binaries.",
            attrs = {
                "lockfile": attr.label(
                    doc = """JSON: `{"version": 1, "binaries": [{"os": "linux", "cpu": "x86_64", "urls": [...], "integrity": "sha256-..."}]}`. `os` is linux or macos, `cpu` x86_64 or aarch64, `integrity` as in [Subresource Integrity](https://www.w3.org/TR/SRI/).""",
                    mandatory = True,
                ),
                "name": attr.string(
                    doc = "Name of the repository that holds the toolchains.",
                    default = "layer_tool_prebuilt",
                ),
            },
        ),
    },
)
