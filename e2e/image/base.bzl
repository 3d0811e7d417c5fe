"""A base image as an output of the build, as oci_pull of rules_oci makes one."""

def _layout_impl(ctx):
    layout = ctx.actions.declare_directory(ctx.label.name)
    (marker,) = [file for file in ctx.files.srcs if file.basename == "oci-layout"]
    ctx.actions.run_shell(
        command = "cp -r --dereference \"$1\"/* \"$2\"",
        arguments = [marker.dirname, layout.path],
        inputs = ctx.files.srcs,
        outputs = [layout],
    )
    return [DefaultInfo(files = depset([layout]))]

layout = rule(
    implementation = _layout_impl,
    attrs = {"srcs": attr.label_list(allow_files = True)},
)

def _program_impl(ctx):
    executable = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = executable, target_file = ctx.file.src, is_executable = True)
    return [
        DefaultInfo(executable = executable, runfiles = ctx.runfiles([executable] + ctx.files.data)),
        RunEnvironmentInfo(environment = ctx.attr.env),
    ]

program = rule(
    implementation = _program_impl,
    doc = "An executable of a rule that nobody knows.",
    attrs = {
        "data": attr.label_list(allow_files = True),
        "env": attr.string_dict(),
        "src": attr.label(allow_single_file = True),
    },
    executable = True,
)
