"""Debian's rustc as the toolchain of rules_rust, in place of downloaded ones."""

load("//rust/platform:triple.bzl", "get_host_triple")
load(
    "//rust/private:repository_utils.bzl",
    "BUILD_for_cargo",
    "BUILD_for_clippy",
    "BUILD_for_compiler",
    "BUILD_for_rust_toolchain",
    "BUILD_for_rustfmt",
    "BUILD_for_stdlib",
)

_TOOLCHAINS = """
load("@rules_rust//rust:toolchain.bzl", "rustfmt_toolchain")

toolchain(
    name = "rust",
    toolchain = ":rust_toolchain",
    toolchain_type = "@rules_rust//rust:toolchain",
)

rustfmt_toolchain(
    name = "rustfmt_tools",
    rustc = ":rustc",
    rustc_lib = ":rustc_lib",
    rustfmt = ":rustfmt_bin",
    visibility = ["//visibility:public"],
)

toolchain(
    name = "rustfmt_toolchain",
    toolchain = ":rustfmt_tools",
    toolchain_type = "@rules_rust//rust/rustfmt:toolchain_type",
)
"""

def _debian_rust_impl(rctx):
    triple = get_host_triple(rctx)
    for tool in ["cargo", "cargo-clippy", "clippy-driver", "rustc", "rustdoc", "rustfmt"]:
        rctx.symlink("/usr/bin/" + tool, "bin/" + tool)
    rctx.symlink("/usr/lib/rustlib", "lib/rustlib")
    rctx.file("BUILD.bazel", "\n".join([
        BUILD_for_cargo(triple),
        BUILD_for_clippy(triple),
        BUILD_for_compiler(triple),
        BUILD_for_rustfmt(triple),
        # A standard library of today keeps its metadata in .rmeta files beside
        # the .rlib ones, which this release of rules_rust does not know.
        BUILD_for_stdlib(triple).replace("/*.rlib", "/*.r*"),
        BUILD_for_rust_toolchain(
            name = "rust_toolchain",
            allocator_library = "@rules_rust//ffi/cc/allocator_library",
            default_edition = "2021",
            exec_triple = triple,
            extra_exec_rustc_flags = [],
            extra_rustc_flags = [],
            global_allocator_library = "@rules_rust//ffi/cc/global_allocator_library",
            include_llvm_tools = False,
            include_rustfmt = True,
            target_triple = triple,
        ),
        _TOOLCHAINS,
    ]))

_debian_rust = repository_rule(implementation = _debian_rust_impl)

def _rust_host_tools_impl(_mctx):
    _debian_rust(name = "rust_host_tools")

rust_host_tools = module_extension(implementation = _rust_host_tools_impl)
