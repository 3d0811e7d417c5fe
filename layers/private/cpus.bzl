"""The CPUs that images are for, as platforms, ELF files and images name them."""

visibility(["//image/...", "//layers/..."])

# Of `@platforms//cpu`: `machine` as layer_tool names that of ELF files (layer_tool/layer/src/elf.rs),
# `architecture` as the OCI image specification has it (config.md): a word of the Go language, and
# a variant. `ppc` is not there: platforms for each of three machines have it.
CPUS = {
    "aarch32": struct(machine = "arm", architecture = "arm/v7"),
    "aarch64": struct(machine = "aarch64", architecture = "arm64"),
    "armv7": struct(machine = "arm", architecture = "arm/v7"),
    "i386": struct(machine = "x86_32", architecture = "386"),
    "ppc64le": struct(machine = "ppc64le", architecture = "ppc64le"),
    "riscv64": struct(machine = "riscv64", architecture = "riscv64"),
    "s390x": struct(machine = "s390x", architecture = "s390x"),
    "x86_32": struct(machine = "x86_32", architecture = "386"),
    "x86_64": struct(machine = "x86_64", architecture = "amd64"),
}

def constraint(cpu):
    """The label of a CPU.

    Args:
        cpu: string, a key of `CPUS`.

    Returns:
        A string.
    """
    return "@platforms//cpu:" + cpu
