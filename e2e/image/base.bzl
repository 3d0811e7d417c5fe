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
