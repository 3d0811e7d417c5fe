"""A C++ toolchain for a build that compiles nothing."""

def _nothing_compiled_impl(ctx):
    # Of Bazel 7 itself: packaged rules_cc may have no file to load it from.
    # buildifier: disable=native-cc-common
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        abi_libc_version = "unknown",
        abi_version = "unknown",
        compiler = "none",
        host_system_name = "local",
        target_cpu = "aarch64",
        target_libc = "unknown",
        target_system_name = "local",
        toolchain_identifier = "nothing_compiled",
    )

nothing_compiled = rule(
    implementation = _nothing_compiled_impl,
    provides = [CcToolchainConfigInfo],
)
