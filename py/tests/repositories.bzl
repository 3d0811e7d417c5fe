"""External repositories for the tests: one distribution and one interpreter."""

_WHEEL_BUILD = """\
load("@rules_python//python:defs.bzl", "py_library")

exports_files(["site-packages/alpha/sub/mod.py"])

py_library(
    name = "pkg",
    srcs = glob(["site-packages/**/*.py"]),
    data = glob(["bin/**", "site-packages/**"], exclude = ["site-packages/**/*.py"]),
    imports = ["site-packages"],
    tags = ["pypi_name=alpha", "pypi_version=1.0"],
    visibility = ["//visibility:public"],
)
"""

_INTERPRETER_BUILD = """\
load("@rules_python//python:py_runtime.bzl", "py_runtime")

filegroup(
    name = "files",
    srcs = glob(["bin/**", "lib/**"]),
)

py_runtime(
    name = "runtime",
    files = [":files"],
    interpreter = "bin/python3",
    python_version = "PY3",
    visibility = ["//visibility:public"],
)
"""

def _wheel_impl(rctx):
    rctx.file("BUILD.bazel", _WHEEL_BUILD)
    rctx.file("site-packages/alpha/__init__.py", "VALUE = 1\n")
    rctx.file("site-packages/alpha/sub/mod.py", "")
    rctx.file("site-packages/alpha/a name with spaces.txt", "spaces\n")
    rctx.file("site-packages/alpha/déjà#vu.txt", "letters\n")
    rctx.file("bin/alpha", "not under site-packages\n")

def _interpreter_impl(rctx):
    rctx.file("BUILD.bazel", _INTERPRETER_BUILD)
    rctx.file("bin/python3.11", "an interpreter\n" * 1000)
    rctx.symlink("bin/python3.11", "bin/python3")
    rctx.file("lib/python3.11/os.py", "")
    rctx.file("lib/python3.11/site-packages/pip/__init__.py", "")

_wheel = repository_rule(implementation = _wheel_impl)
_interpreter = repository_rule(implementation = _interpreter_impl)

def _test_repositories_impl(_):
    _wheel(name = "test_wheel")
    _interpreter(name = "test_interpreter")

test_repositories = module_extension(implementation = _test_repositories_impl)
