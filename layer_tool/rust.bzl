"""The crates that layer_tool is made of."""

load("@layer_tool_crates//:defs.bzl", "aliases", "all_crate_deps")
load("@rules_rust//rust:defs.bzl", "rust_binary", "rust_library", "rust_test")

EDITION = "2021"

# A layer is written by optimised code whatever the compilation mode is.
RUSTC_FLAGS = ["-Copt-level=3"]

# Of the tests: what would be wrong without a word ends the program.
_CHECKS = [
    "-Coverflow-checks=on",
    "-Cdebug-assertions=on",
]

_VARIANTS = {
    "": [],
    "_checked": _CHECKS,
}

def crate_library(name, crates = [], deps = [], compile_data = []):
    """A member of the workspace in the folder of this name, and its unit tests.

    Args:
        name: of the crate; `name_checked` is the same for tests.
        crates: names of other such members.
        deps: what else Cargo.toml does not say.
        compile_data: files that are compiled in.
    """
    for suffix, flags in _VARIANTS.items():
        rust_library(
            name = name + suffix,
            srcs = native.glob(["src/**/*.rs"]),
            aliases = aliases(),
            compile_data = compile_data,
            crate_name = name,
            edition = EDITION,
            proc_macro_deps = all_crate_deps(proc_macro = True),
            rustc_flags = RUSTC_FLAGS + flags,
            deps = deps + _members(crates, suffix) + all_crate_deps(normal = True),
        )
    rust_test(
        name = "unit_test",
        aliases = aliases(
            normal_dev = True,
            proc_macro_dev = True,
        ),
        crate = name + "_checked",
        edition = EDITION,
        rustc_flags = RUSTC_FLAGS + _CHECKS,
        deps = all_crate_deps(normal_dev = True),
    )

def crate_binary(name, crates, rustc_flags, **kwargs):
    """A program of the package at the top of the workspace.

    Args:
        name: of the program; `name_checked` is the same for tests.
        crates: names of members of the workspace.
        rustc_flags: flags for all variants.
        **kwargs: those of rust_binary.
    """
    for suffix, flags in _VARIANTS.items():
        rust_binary(
            name = name + suffix,
            aliases = aliases(package_name = ""),
            edition = EDITION,
            proc_macro_deps = all_crate_deps(
                package_name = "",
                proc_macro = True,
            ),
            rustc_flags = RUSTC_FLAGS + rustc_flags + flags,
            deps = _members(crates, suffix) + all_crate_deps(
                package_name = "",
                normal = True,
            ),
            **kwargs
        )

def _members(crates, suffix):
    return ["//{0}:{0}{1}".format(crate, suffix) for crate in crates]
