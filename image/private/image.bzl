"""The rule behind every image of one platform."""

load("//layers:providers.bzl", "LayersInfo", "LayoutInfo", "PlanInfo")
load("//layers:toolchain.bzl", "LAYER_TOOL")
load("//layers/private:layer.bzl", "NO_SANDBOX", "run_layer_tool")
load("//layers/private:layout.bzl", "runfiles_path")
load("//layers/private:names.bzl", "short_stem")
load("//layers/private:platform_transition.bzl", "platform_transition")
load("//layers/private:tier.bzl", "RESERVED")
load(":arguments.bzl", "BinaryArgumentsInfo", "arguments_aspect")
load(":names.bzl", "check_names", "check_words", "image_name")
load(":nested_python.bzl", "NestedPythonInfo", "nested_python_aspect")
load(":plan.bzl", "plan_base", "plan_image", "plan_tar")
load(":platforms.bzl", "PLATFORM_ATTRS", "platform_of_target")
load(":providers.bzl", "ImageInfo")

visibility("//image/...")

def _base(ctx):
    """The base's files and, as an argument, its folder; None without one."""
    if not ctx.attr.base:
        return None
    files = ctx.files.base
    folder = ctx.actions.args()
    if len(files) == 1 and files[0].basename != "oci-layout":
        folder.add_all(files, expand_directories = False)
        return struct(files = files, folder = folder)
    for file in files:
        if file.basename == "oci-layout":
            folder.add(file.dirname)
            return struct(files = files, folder = folder)
    fail("attribute base: {} is not an OCI image layout; give a directory, or the files of one with its oci-layout".format(ctx.attr.base.label))

def _describe(ctx, number, tar):
    """Metadata of a layer that something else wrote: the one time it is read."""
    metadata = ctx.actions.declare_file("{}_{}.metadata.json".format(short_stem(ctx.label.name), number))
    args = ctx.actions.args()
    args.add("describe", tar)
    args.add("--metadata", metadata)
    args.add(tar.basename, format = "--name=%s")
    run_layer_tool(
        ctx,
        arguments = [args],
        inputs = [tar],
        outputs = [metadata],
        mnemonic = "ImageDescribe",
        progress_message = "Describing image layer %{input}",
    )
    return struct(tar = tar, metadata = metadata)

def _layers(ctx):
    """The layers, and what they are made of."""
    layers = []
    infos = []
    for target in ctx.attr.layers:
        if LayersInfo in target:
            layers.extend(target[LayersInfo].layers)
            infos.append(target[PlanInfo])
        else:
            for tar in target[DefaultInfo].files.to_list():
                layer = _describe(ctx, len(layers), tar)
                layers.append(layer)
                infos.append(plan_tar(ctx, target.label, layer))
    return layers, infos

def _started(ctx):
    """The target of the layers whose executable the image starts: the last of them; None if no layers have one."""
    of_executables = [target for target in ctx.attr.layers if LayoutInfo in target]
    return of_executables[-1] if of_executables else None

def _start(ctx, target):
    """What the image says, else what the layers do."""
    if not target:
        return struct(launcher = None, python = None, entrypoint = ctx.attr.entrypoint, cmd = ctx.attr.cmd, env = ctx.attr.env, workdir = ctx.attr.workdir)
    layout = target[LayoutInfo]
    python = layout.python
    nested = target[NestedPythonInfo].interpreter
    if not python and nested:
        # Whoever starts a program of Python finds it on PATH.
        python = "{}/{}".format(layout.runfiles, runfiles_path(nested, ctx.workspace_name))
    return struct(
        launcher = layout.launcher if python and not ctx.attr.entrypoint else None,
        python = python,
        entrypoint = ctx.attr.entrypoint or layout.entrypoint,
        cmd = ctx.attr.cmd or layout.cmd + target[BinaryArgumentsInfo].args,
        env = layout.env | ctx.attr.env,
        workdir = ctx.attr.workdir or layout.workdir,
    )

def _output_groups(ctx):
    """The layers by their names, here for the image's platform; what is built is not only `default`."""
    return {
        "layer_" + name: target[OutputGroupInfo][name]
        for target in ctx.attr.layers
        if LayersInfo in target
        for name in target[OutputGroupInfo]
        if name not in RESERVED and not name.startswith("_")
    }

def _repo_tag(ctx, target):
    """What the image says, else what its executable is called."""
    if ctx.attr.repo_tag or not target:
        return ctx.attr.repo_tag
    return "{}:{}".format(image_name(target[LayoutInfo].label), ctx.attr.tag)

def _image_impl(ctx):
    check_names(ctx)
    check_words(ctx)
    started = _started(ctx)
    repo_tag = _repo_tag(ctx, started)
    layers, infos = _layers(ctx)
    metadata = [layer.metadata for layer in layers]
    base = _base(ctx)
    platform = platform_of_target(ctx)
    start = _start(ctx, started)
    stem = short_stem(ctx.label.name)
    sparse = ctx.actions.declare_directory(stem + ".sparse")
    digest = ctx.actions.declare_file(stem + ".sha256")
    layout = ctx.actions.declare_directory(stem)

    args = ctx.actions.args()
    args.add_all(metadata, before_each = "--metadata")
    args.add("--platform", platform)
    if start.launcher:
        args.add("--launcher", start.launcher)
    if start.python:
        args.add("--python", start.python)

    # No parameter file: a value may have several lines.
    for flag, values in {
        "--annotation": _pairs(ctx.attr.annotations),
        "--cmd": start.cmd,
        "--entrypoint": start.entrypoint,
        "--env": _pairs(start.env),
        "--exposed-port": ctx.attr.exposed_ports,
        "--label": _pairs(ctx.attr.labels),
        "--repo-tag": [repo_tag] if repo_tag else [],
        "--tag": [ctx.attr.tag],
        "--volume": ctx.attr.volumes,
        "--user": [ctx.attr.user] if ctx.attr.user else [],
        "--workdir": [start.workdir] if start.workdir else [],
    }.items():
        args.add_all([flag + "=" + value for value in values])

    files = {
        "--annotation-file": ctx.file.annotations_file,
        "--env-file": ctx.file.env_file,
        "--label-file": ctx.file.labels_file,
    }
    files = {flag: file for flag, file in files.items() if file}
    for flag, file in files.items():
        args.add(flag, file)

    inputs = metadata + files.values() + ([start.launcher] if start.launcher else [])
    below = []
    if base:
        inputs += base.files
        below = ["--base", base.folder]
        if ctx.attr.base_tag:
            args.add("--base-tag", ctx.attr.base_tag)
        infos = [plan_base(ctx, files = base.files, folder = base.folder, platform = platform)] + infos

    outputs = ctx.actions.args()
    outputs.add_all([sparse], before_each = "--output", expand_directories = False)
    outputs.add("--digest", digest)
    outputs.add("--sparse")
    run_layer_tool(
        ctx,
        arguments = ["image", args] + below + [outputs],
        inputs = inputs,
        outputs = [sparse, digest],
        mnemonic = "ImageManifest",
        progress_message = "Writing the manifest of image %{label}",
    )

    outputs = ctx.actions.args()
    outputs.add_all([layout], before_each = "--output", expand_directories = False)
    outputs.add_all([layer.tar for layer in layers], before_each = "--layer")

    # Actions of this build wrote them with their metadata, and Bazel knows their digests.
    outputs.add("--trust-layers")
    if base and ImageInfo in ctx.attr.base:
        outputs.add("--trust-base")
    run_layer_tool(
        ctx,
        arguments = ["image", args] + below + [outputs],
        inputs = inputs + [layer.tar for layer in layers],
        outputs = [layout],
        mnemonic = "ImageLayout",
        progress_message = "Writing image %{label}",
        # Layers that it can reach are linked, not copied.
        execution_requirements = NO_SANDBOX,
    )
    return [
        DefaultInfo(files = depset([layout])),
        ImageInfo(digest = digest, layout = layout, repo_tag = repo_tag, sparse = sparse),
        OutputGroupInfo(**(_output_groups(ctx) | {
            "digest": depset([digest]),
            "metadata": depset(metadata),
            "sparse": depset([sparse]),
        })),
        plan_image(ctx, infos),
    ]

def _pairs(values):
    return ["{}={}".format(name, value) for name, value in values.items()]

image = rule(
    implementation = _image_impl,
    doc = "An OCI image layout of layers on a base: see `image_targets`, its macro.",
    attrs = PLATFORM_ATTRS | {
        "annotations": attr.string_dict(doc = "Annotations of the manifest."),
        "annotations_file": attr.label(allow_single_file = True, doc = "More of them: NAME=VALUE lines."),
        "base": attr.label(doc = "An OCI image layout.", allow_files = True),
        "base_tag": attr.string(doc = "Tag of the base in its layout."),
        "cmd": attr.string_list(),
        "entrypoint": attr.string_list(),
        "env": attr.string_dict(),
        "env_file": attr.label(allow_single_file = True, doc = "More of them, also in the place of the binary's: NAME=VALUE lines."),
        "exposed_ports": attr.string_list(),
        "labels": attr.string_dict(),
        "labels_file": attr.label(allow_single_file = True, doc = "More of them: NAME=VALUE lines."),
        "layers": attr.label_list(
            doc = "Targets with `LayersInfo`, and tars; lowest first. The image starts as the last with `LayoutInfo` says.",
            allow_files = True,
            aspects = [arguments_aspect, nested_python_aspect],
        ),
        "platform": attr.label(doc = "Target platform of the image and all that is in it."),
        "repo_tag": attr.string(),
        "tag": attr.string(mandatory = True),
        "user": attr.string(),
        "volumes": attr.string_list(),
        "workdir": attr.string(),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    cfg = platform_transition,
    provides = [ImageInfo, PlanInfo],
    toolchains = LAYER_TOOL,
)
