"""How a py_binary is started in an image."""

load("//image/private:arguments.bzl", "BinaryArgumentsInfo", "arguments_aspect")
load("//image/private:providers.bzl", "ImageStartInfo")
load("//py/private:interpreter_aspect.bzl", "interpreter_aspect")
load("//py/private:launchers.bzl", "launcher_path")
load("//py/private:layer_tier.bzl", "LayerTierInfo")
load("//py/private:layout.bzl", "layout_at")
load("//py/private:providers.bzl", "PyInterpreterInfo")

visibility(["//py/..."])

def _py_start_impl(ctx):
    binary = ctx.attr.binary
    tier = ctx.attr.layer_tier[LayerTierInfo]
    launcher = ctx.attr.launcher or launcher_path(tier, binary.label)
    classic = ctx.attr.classic
    layout = layout_at(ctx.attr.launcher or tier.root)
    interpreter = binary[PyInterpreterInfo].interpreter
    python = None
    if interpreter:
        path = interpreter.short_path
        below = path[len("../"):] if path.startswith("../") else ctx.workspace_name + "/" + path
        python = layout.runfiles + "/" + below

    env = binary[RunEnvironmentInfo].environment if RunEnvironmentInfo in binary else {}
    args = binary[BinaryArgumentsInfo].args
    return [ImageStartInfo(
        cmd = ([launcher] if classic else []) + args,
        entrypoint = [] if classic else [launcher],
        env = env,
        launcher = binary[DefaultInfo].files_to_run.executable,
        python = python,
        workdir = launcher.rpartition("/")[0] if classic else layout.runfiles + "/" + ctx.workspace_name,
    )]

py_start = rule(
    implementation = _py_start_impl,
    doc = "Tells how a py_binary is started in an image: see `py_image`.",
    attrs = {
        "binary": attr.label(
            aspects = [arguments_aspect, interpreter_aspect],
            mandatory = True,
        ),
        "classic": attr.bool(doc = "Whether the launcher is part of the command, as pycross_image has it."),
        "launcher": attr.string(doc = "Path of the launcher; empty: that of the tier."),
        "layer_tier": attr.label(default = "//py:layer_tier", providers = [LayerTierInfo]),
    },
    provides = [ImageStartInfo],
)
