"""The hosts that releases have a program for."""

visibility("//layers/...")

# As lockfiles name them, to what Bazel's platforms have.
OPERATING_SYSTEMS = {
    "linux": "@platforms//os:linux",
    "macos": "@platforms//os:macos",
    "windows": "@platforms//os:windows",
}
CPUS = {
    "aarch64": "@platforms//cpu:aarch64",
    "x86_64": "@platforms//cpu:x86_64",
}

FROM_SOURCE = """\
bazel_dep(name = "rules_image_layers_tool", version = "VERSION OF rules_image_layers")
register_toolchains("@rules_image_layers_tool//:all")
"""

NO_PROGRAM = """\
no layer_tool for {of}. Releases of rules_image_layers have it for Linux and macOS on x86_64 and aarch64, and for Windows on x86_64. For any other machine, or for a commit that is not a release, build it from source: write into MODULE.bazel

""" + FROM_SOURCE
