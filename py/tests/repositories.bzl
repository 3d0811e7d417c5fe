"""External repositories for the tests: distributions in several forms and one interpreter."""

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

# A distribution in two targets, as rules_python 2 has those with dependencies.
_SPREAD_WHEEL_BUILD = """\
load("@rules_python//python:defs.bzl", "py_library")

package(default_visibility = ["//visibility:public"])

exports_files(glob(["site-packages/**"]))

filegroup(
    name = "data",
    srcs = glob(["bin/**"]),
)

filegroup(
    name = "dist_info",
    srcs = glob(["site-packages/*.dist-info/**"]),
)

py_library(
    name = "srcs",
    srcs = glob(["site-packages/**/*.py"]),
    data = glob(["site-packages/**"], exclude = ["site-packages/**/*.py"]) + [":data"],
    imports = ["site-packages"],
    tags = ["pypi_name=gamma", "pypi_version=1.0"],
)

py_library(
    name = "pkg",
    srcs = [":srcs"],
    tags = ["pypi_name=gamma", "pypi_version=1.0"],
    deps = [":srcs"],
)

py_library(
    name = "untagged",
    data = glob(["bin/**", "site-packages/**"]),
)
"""

# A repository as the uv extension of aspect_rules_py makes one for each wheel.
_UV_WHEEL_BUILD = """\
load("{rules}", "whl_install")

whl_install(
    name = "actual_install",
    files = ["beta/__init__.py", "beta-1.0.dist-info/METADATA"],
    visibility = ["//visibility:private"],
)

alias(
    name = "install",
    actual = ":actual_install",
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

def _spread_wheel_impl(rctx):
    rctx.file("BUILD.bazel", _SPREAD_WHEEL_BUILD)
    rctx.file("site-packages/gamma/__init__.py", "VALUE = 3\n")
    rctx.file("site-packages/gamma/lib/gamma.so", "a shared object\n" * 50)
    rctx.file("site-packages/gamma-1.0.dist-info/METADATA", "Name: gamma\n")
    rctx.file("bin/gamma", "not under site-packages\n")

def _uv_wheel_impl(rctx):
    rctx.file("BUILD.bazel", _UV_WHEEL_BUILD.format(rules = Label("//py/tests:fixture_wheels.bzl")))

def _interpreter_impl(rctx):
    rctx.file("BUILD.bazel", _INTERPRETER_BUILD)
    rctx.file("bin/python3.11", "an interpreter\n" * 1000)
    rctx.symlink("bin/python3.11", "bin/python3")
    rctx.file("lib/python3.11/os.py", "")
    rctx.file("lib/python3.11/site-packages/pip/__init__.py", "")

_wheel = repository_rule(implementation = _wheel_impl)
_spread_wheel = repository_rule(implementation = _spread_wheel_impl)
_uv_wheel = repository_rule(implementation = _uv_wheel_impl)
_interpreter = repository_rule(implementation = _interpreter_impl)

def _test_repositories_impl(_):
    _wheel(name = "test_wheel")
    _spread_wheel(name = "test_spread_wheel")
    _uv_wheel(name = "whl_install__tests__beta__1_0")
    _interpreter(name = "test_interpreter")

test_repositories = module_extension(implementation = _test_repositories_impl)
