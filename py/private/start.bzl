"""How a py_binary is started in an image."""

load("//image/private:arguments.bzl", "BinaryArgumentsInfo", "arguments_aspect")
load("//image/private:providers.bzl", "ImageStartInfo")
load("//layers/private:layout.bzl", "runfiles_path")
load("//py/private:interpreter_aspect.bzl", "interpreter_aspect")
load("//py/private:providers.bzl", "PyInterpreterInfo", "PyLayoutInfo")

visibility(["//py/..."])

def _py_start_impl(ctx):
    binary = ctx.attr.binary
    layout = ctx.attr.layers[PyLayoutInfo]
    launcher = layout.launcher
    interpreter = binary[PyInterpreterInfo].interpreter
    python = None
    if interpreter:
        python = layout.runfiles + "/" + runfiles_path(interpreter, ctx.workspace_name)

    env = binary[RunEnvironmentInfo].environment if RunEnvironmentInfo in binary else {}
    args = binary[BinaryArgumentsInfo].args
    return [ImageStartInfo(
        # As pycross_image has it.
        cmd = ([launcher] if layout.own_folder else []) + args,
        entrypoint = [] if layout.own_folder else [launcher],
        env = env,
        label = binary.label,
        launcher = binary[DefaultInfo].files_to_run.executable,
        python = python,
        workdir = launcher.rpartition("/")[0] if layout.own_folder else layout.runfiles + "/" + ctx.workspace_name,
    )]

py_start = rule(
    implementation = _py_start_impl,
    doc = "Tells how a py_binary is started in an image: see `py_image`.",
    attrs = {
        "binary": attr.label(
            aspects = [arguments_aspect, interpreter_aspect],
            mandatory = True,
        ),
        "layers": attr.label(
            doc = "Its `py_image_layer`, which knows where it stands.",
            mandatory = True,
            providers = [PyLayoutInfo],
        ),
    },
    provides = [ImageStartInfo],
)
