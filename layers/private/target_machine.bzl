"""Which machine a platform has, as layer_tool names those of ELF files."""

visibility(["//js/...", "//layers/...", "//py/..."])

TargetMachineInfo = provider(
    doc = "The machine of a target platform.",
    fields = {
        "machine": "string: that of `CPUS`, e.g. `x86_64` or `aarch64`; empty for one that is not there.",
    },
)

def _target_machine_impl(ctx):
    return [TargetMachineInfo(machine = ctx.attr.machine)]

target_machine = rule(
    implementation = _target_machine_impl,
    doc = "Tells the machine of its configuration.",
    attrs = {
        "machine": attr.string(doc = "Of `CPUS`, to be selected by their constraints.", mandatory = True),
    },
)
