"""The providers of a rule that writes the layers of executables."""

load("//layers:providers.bzl", "LayoutInfo")
load(":layout.bzl", "runfiles_path")
load(":plan.bzl", "layers_info", "plan_info", "validate_plan", "write_plan")
load(":program.bzl", "declare_program")
load(":tier_style.bzl", "DEFAULT")

visibility(["//js/...", "//layers/...", "//py/..."])

def layout_info(ctx, binary, *, launcher, runfiles, own_folder = False, python = None):
    """How an executable is started.

    Args:
        ctx: the context of the rule.
        binary: Target.
        launcher: string, absolute path in the image.
        runfiles: string, the same.
        own_folder: bool, whether it starts in the folder of the launcher, which a word in the place of
            the command replaces: as pycross_image has it.
        python: File of its interpreter, or None.

    Returns:
        `LayoutInfo`.
    """
    return LayoutInfo(
        cmd = [launcher] if own_folder else [],
        entrypoint = [] if own_folder else [launcher],
        env = binary[RunEnvironmentInfo].environment if RunEnvironmentInfo in binary else {},
        label = binary.label,
        launcher = binary[DefaultInfo].files_to_run.executable,
        python = "{}/{}".format(runfiles, runfiles_path(python, ctx.workspace_name)) if python else None,
        runfiles = runfiles,
        workdir = launcher.rpartition("/")[0] if own_folder else "{}/{}".format(runfiles, ctx.workspace_name),
    )

def layers_providers(ctx, layers, *, output_groups = {}, warnings = [], hub = None, table = True):
    """The providers of a rule that writes the layers of executables.

    Args:
        ctx: the context of a rule with `image_attrs`.
        layers: dict of name to layer, as of `group_layer` or `own_layer`, in the order of the image.
        output_groups: dict of string to depset of File, those of several layers.
        warnings: list of string, what to warn of.
        hub: as of `validate_plan`.
        table: bool, whether the rule is executable: `bazel run` prints a table of the layers.

    Returns:
        A list of providers.
    """
    tars = {name: layer.tar for name, layer in layers.items()}
    metadata = [layer.metadata for layer in layers.values()]
    plan = write_plan(ctx, layers.values())
    program = {}
    if table:
        declared = declare_program(ctx, {"--metadata": depset(metadata)})
        program = dict(executable = declared.executable, runfiles = declared.runfiles)

    # As rules_py calls them.
    rules_py = {
        "deps": depset([tar for name, tar in tars.items() if name != DEFAULT]),
        "sources": depset([tars[DEFAULT]]),
    } if DEFAULT in tars else {}
    return [
        DefaultInfo(files = depset(tars.values()), **program),
        # A layer that has one of the names is what that name means.
        OutputGroupInfo(**(output_groups | rules_py | {name: depset([tar]) for name, tar in tars.items()} | {
            "metadata": depset(metadata),
            "mtree": depset([manifest for layer in layers.values() for manifest in layer.manifests]),
            "plan": depset([plan]),
            "_validation": depset([validate_plan(ctx, plan, also = warnings, hub = hub)]),
        })),
        layers_info(layers.values()),
        plan_info(ctx, plan, layers.values()),
    ]
