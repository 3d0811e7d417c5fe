"""Prebuilt `layer_tool` programs from a lockfile, so that you need no Rust toolchain."""

load("//layers/private:hosts.bzl", "CPUS", "FROM_SOURCE", "OPERATING_SYSTEMS")

_MODULE = "rules_image_layers"
_HUB = "layer_tool_prebuilt"

# Registered without a look at the program.
_HUB_BUILD = """\
load("{toolchain_bzl}", "layer_tool_toolchain")

"""

_HUB_TOOLCHAIN = """\
layer_tool_toolchain(
    name = "{platform}",
    runs_on = {constraints},
    tool = "@{repo}//:{program}",
)

"""

_NOT_DOWNLOADED = """\
layer_tool of rules_image_layers {release} for {platform} could not be downloaded, and nothing was installed. The warning above has the reason. Each of these URLs should give the file with the integrity that is in the lockfile ({integrity}):

{urls}

If none of them can be reached, name a lockfile of your own with layer_tool.prebuilt(lockfile = ...), name the directory of the file with --distdir, or build layer_tool from source: write into MODULE.bazel

""" + FROM_SOURCE

def _program(os):
    # Windows starts nothing without its ending.
    return "layer_tool" + (".exe" if os == "windows" else "")

def _binary_impl(rctx):
    download = rctx.download(
        url = rctx.attr.urls,
        output = _program(rctx.attr.os),
        executable = True,
        integrity = rctx.attr.integrity,
        allow_fail = True,
    )
    if not download.success:
        fail(_NOT_DOWNLOADED.format(
            integrity = rctx.attr.integrity,
            platform = rctx.attr.os + "_" + rctx.attr.cpu,
            release = rctx.attr.release,
            urls = "\n".join(rctx.attr.urls),
        ))
    rctx.file("BUILD.bazel", "exports_files([\"%s\"])\n" % _program(rctx.attr.os))

_binary = repository_rule(
    implementation = _binary_impl,
    attrs = {
        "cpu": attr.string(mandatory = True),
        "integrity": attr.string(mandatory = True),
        "os": attr.string(mandatory = True),
        "release": attr.string(mandatory = True),
        "urls": attr.string_list(mandatory = True),
    },
)

def _hub_impl(rctx):
    toolchains = [
        _HUB_TOOLCHAIN.format(
            constraints = [str(Label(constraint)) for constraint in [OPERATING_SYSTEMS[os], CPUS[cpu]]],
            platform = platform,
            program = _program(os),
            repo = repo,
        )
        for platform, repo in rctx.attr.binaries.items()
        for os, _, cpu in [platform.partition("_")]
    ]
    rctx.file("BUILD.bazel", _HUB_BUILD.format(toolchain_bzl = Label("//layers:toolchain.bzl")) + "".join(toolchains))

_hub = repository_rule(
    implementation = _hub_impl,
    attrs = {
        "binaries": attr.string_dict(doc = "Platform (`OS_CPU`) to the repository of its binary."),
    },
)

def _read_lockfile(module_ctx, lockfile, release):
    """The binaries of the lockfile; fails if it is not a lockfile of this release."""

    def refuse(what):
        fail("attribute lockfile of layer_tool.prebuilt: {}: {}".format(lockfile, what))

    lock = json.decode(module_ctx.read(lockfile), default = None)
    if type(lock) != "dict" or lock.get("version") != 1:
        refuse("not a lockfile of version 1; take the layer_tool.lock.json of the release {}".format(release))
    if lock.get("release") != release:
        refuse("it is for release {}, but rules_image_layers is {}; take the layer_tool.lock.json of that release".format(lock.get("release"), release))
    binaries = lock.get("binaries")
    if type(binaries) != "list":
        refuse("it has no list of binaries; take the layer_tool.lock.json of the release {}".format(release))
    for binary in binaries:
        for field, kind in {"cpu": "string", "integrity": "string", "os": "string", "urls": "list"}.items():
            if type(binary) != "dict" or type(binary.get(field)) != kind or not binary[field]:
                refuse("a binary has no {}; take the layer_tool.lock.json of the release {}".format(repr(field), release))
        for field, known in {"cpu": CPUS, "os": OPERATING_SYSTEMS}.items():
            if binary[field] not in known:
                refuse("unknown {} {}; known are {}".format(field, repr(binary[field]), ", ".join(known)))
    return binaries

def _layer_tool_impl(module_ctx):
    release = None
    lockfiles = []
    for module in module_ctx.modules:
        if module.name == _MODULE:
            release = module.version
        elif not module.is_root:
            continue
        for tag in module.tags.prebuilt:
            # The root module comes first.
            lockfiles.append(tag.lockfile)

    repositories = {}
    for binary in _read_lockfile(module_ctx, lockfiles[0], release):
        platform = binary["os"] + "_" + binary["cpu"]
        if platform in repositories:
            fail("attribute lockfile of layer_tool.prebuilt: {}: two binaries for {}; leave one out".format(lockfiles[0], platform))
        repositories[platform] = _HUB + "_" + platform
        _binary(
            name = repositories[platform],
            cpu = binary["cpu"],
            integrity = binary["integrity"],
            os = binary["os"],
            release = release,
            urls = binary["urls"],
        )
    _hub(name = _HUB, binaries = repositories)
    return module_ctx.extension_metadata(reproducible = True)

layer_tool = module_extension(
    implementation = _layer_tool_impl,
    doc = """Downloads prebuilt `layer_tool` programs, and checks them against a lockfile.

For the programs of the release you need to do nothing: this module has their lockfile, and registers
their toolchains. For your own programs, or for a mirror, name a lockfile in the root module. It is
used instead:

```starlark
layer_tool = use_extension("@rules_image_layers//layers:extensions.bzl", "layer_tool")
layer_tool.prebuilt(lockfile = "//:layer_tool.lock.json")
```

Only the programs for the platforms that your actions run on are downloaded.
""",
    tag_classes = {
        "prebuilt": tag_class(
            doc = "The programs to use.",
            attrs = {
                "lockfile": attr.label(
                    doc = """A JSON file: `{"version": 1, "release": "0.1.0", "binaries": [{"os": "linux", "cpu": "x86_64", "urls": [...], "integrity": "sha256-..."}]}`. `release` must be the version of this module. `os` is linux, macos or windows, and `cpu` is x86_64 or aarch64; anything else is an error. `integrity` is as in [Subresource Integrity](https://www.w3.org/TR/SRI/).""",
                    mandatory = True,
                ),
            },
        ),
    },
)
