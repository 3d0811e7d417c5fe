"""rules_python's `python` extension with today's attributes; the interpreter is Debian's."""

_VERSION = "3.11"
_ARCHIVE = "/usr/share/rules_image_layers/python.tar"

_INTERPRETER_BUILD = """
load("@rules_python//python:py_runtime.bzl", "py_runtime")
load("@rules_python//python:py_runtime_pair.bzl", "py_runtime_pair")

package(default_visibility = ["//visibility:public"])

exports_files(["bin/python3"])

filegroup(
    name = "files",
    srcs = glob(
        ["bin/**", "lib/**"],
        exclude = ["**/* *", "**/__pycache__/**", "**/test/**", "**/tests/**"],
    ),
)

py_runtime(
    name = "py3_runtime",
    files = [":files"],
    interpreter = "bin/python3",
    python_version = "PY3",
)

py_runtime_pair(
    name = "python_runtimes",
    py3_runtime = ":py3_runtime",
)
"""

_HUB_BUILD = """
toolchain(
    name = "python",
    target_compatible_with = [
        "@platforms//os:linux",
        "@platforms//cpu:{cpu}",
    ],
    toolchain = "@{repo}//:python_runtimes",
    toolchain_type = "@bazel_tools//tools/python:toolchain_type",
)
"""

def _interpreter_impl(rctx):
    rctx.extract(_ARCHIVE)
    rctx.file("BUILD.bazel", _INTERPRETER_BUILD)

_interpreter = repository_rule(implementation = _interpreter_impl)

def _hub_impl(rctx):
    cpu = rctx.attr.cpu
    repo = rctx.attr.interpreter
    rctx.file("BUILD.bazel", _HUB_BUILD.format(cpu = cpu, repo = repo))
    rctx.file("interpreters.bzl", 'INTERPRETER = Label("@{}//:bin/python3")\nVERSION = "{}"\n'.format(repo, _VERSION))

_hub = repository_rule(
    implementation = _hub_impl,
    attrs = {
        "cpu": attr.string(mandatory = True),
        "interpreter": attr.string(mandatory = True),
    },
)

def _python_impl(mctx):
    for mod in mctx.modules:
        for toolchain in mod.tags.toolchain:
            if toolchain.python_version != _VERSION:
                fail("python.toolchain(python_version = \"{}\") in {}: Debian's packaged Bazel has {} only; use that, or a Bazel that reaches its registry".format(
                    toolchain.python_version,
                    mod.name,
                    _VERSION,
                ))
    cpu = {"aarch64": "aarch64", "amd64": "x86_64"}[mctx.os.arch]

    # The name that rules_python gives to the interpreter of this platform.
    interpreter = "python_{}_{}-unknown-linux-gnu".format(_VERSION.replace(".", "_"), cpu)
    _interpreter(name = interpreter)
    _hub(name = "pythons_hub", cpu = cpu, interpreter = interpreter)

python = module_extension(
    implementation = _python_impl,
    tag_classes = {
        "toolchain": tag_class(attrs = {
            "configure_coverage_tool": attr.bool(),
            "ignore_root_user_error": attr.bool(),
            "is_default": attr.bool(),
            "python_version": attr.string(mandatory = True),
        }),
    },
)
