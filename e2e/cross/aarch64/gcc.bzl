"""Debian's GCC for aarch64, as a user's toolchain."""

load("@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl", "tool_path")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")

_TRIPLE = "aarch64-linux-gnu"

def _gcc_impl(ctx):
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        abi_libc_version = "glibc",
        abi_version = "gcc",
        compiler = "gcc",
        cxx_builtin_include_directories = [
            "/usr/lib/gcc-cross/" + _TRIPLE,
            "/usr/%s/include" % _TRIPLE,
            # Linux's, of newer releases of Debian.
            "/usr/include",
            "/usr/lib/linux/uapi",
        ],
        host_system_name = "local",
        target_cpu = "aarch64",
        target_libc = "glibc",
        target_system_name = _TRIPLE,
        tool_paths = [
            tool_path(
                name = tool,
                path = "/usr/bin/%s-%s" % (_TRIPLE, tool),
            )
            for tool in [
                "ar",
                "cpp",
                "gcc",
                "gcov",
                "ld",
                "nm",
                "objcopy",
                "objdump",
                "strip",
            ]
        ],
        toolchain_identifier = "aarch64_gcc",
    )

gcc = rule(implementation = _gcc_impl)
