"""Actions that run layer_tool."""

load("//layers:toolchain.bzl", "TOOLCHAIN_TYPE")
load(":compression.bzl", "COMPRESSIONS")
load(":hosts.bzl", "NO_PROGRAM")
load(":label_text.bzl", "label_text")
load(":names.bzl", "short_stem")

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

# For actions with many inputs: linking thousands of files into a sandbox takes longer than
# reading them, and layer_tool reads none but those that its manifests name.
NO_SANDBOX = {"no-sandbox": "1"}

def mapped_or_no_sandbox(ctx):
    """Execution requirements of an action with many inputs whose paths can be mapped.

    Args:
        ctx: the context of a rule or an aspect with `LAYER_TOOL`.

    Returns:
        A dict of string. Mapped paths there are in a sandbox only.
    """
    return {"supports-path-mapping": ""} if layer_tool_info(ctx).maps_paths else NO_SANDBOX

# What no layer is called.
_NO_GROUP = "-"

# More threads than this gain little: reading and hashing are one each.
MAX_CPUS = 4

def resources(_os, inputs):
    """What Bazel's scheduler sets aside, by the number of inputs. Memory is in MB.

    Only large actions ask for more than one CPU: each waits until so many are free at once, and
    has parts that use no more than one.

    Args:
        _os: string, unused.
        inputs: int.

    Returns:
        A dict for `resource_set`.
    """
    return {"cpu": min(MAX_CPUS, 1 + inputs // 1024), "memory": 64}

def layer_tool_info(ctx):
    """The program that actions run.

    Args:
        ctx: the context of a rule or an aspect with `LAYER_TOOL`.

    Returns:
        `LayerToolInfo`. Fails where there is no program for the execution platform.
    """
    toolchain = ctx.toolchains[TOOLCHAIN_TYPE]
    if not toolchain:
        fail(NO_PROGRAM.format(of = "the platform that actions run on"))
    return toolchain.layer_tool

def run_layer_tool(ctx, **kwargs):
    """Declares an action of the toolchain's program.

    Args:
        ctx: the context of a rule or an aspect with `LAYER_TOOL`.
        **kwargs: of `ctx.actions.run`.
    """
    ctx.actions.run(executable = layer_tool_info(ctx).files_to_run, toolchain = TOOLCHAIN_TYPE, **kwargs)

def manifest_file(ctx, layer, manifest):
    """A layer's manifest as a File, for those who want to see it.

    Args:
        ctx: the rule context.
        layer: string, name of the layer.
        manifest: Args of `new_manifest`, or a File that is one already.

    Returns:
        File.
    """
    if type(manifest) == "File":
        return manifest
    file = ctx.actions.declare_file(short_stem("{}_{}".format(ctx.label.name, layer)) + ".mtree")
    ctx.actions.write(file, manifest)
    return file

def write_layer(ctx, *, layer, manifests, inputs, compression, level = None, by_path = False, hard_links = True, unused_inputs_list = None, execution_requirements = {}):
    """Declares a layer and the action that writes it.

    Args:
        ctx: the context of a rule with `LAYER_TOOL`.
        layer: string, name of the layer.
        manifests: list of Args (of `new_manifest`) or of Files.
        inputs: depset of the Files that the manifests name.
        compression: a key of `COMPRESSIONS`.
        level: int or None for the default of the compression.
        by_path: bool, whether entries are in the order of their paths, which begin with `./`, each
            file with its content: else those that are alike follow each other, and identical ones
            are hard links.
        hard_links: bool, whether identical files are hard links; those of a layer by path never are.
        unused_inputs_list: File or None: paths of inputs that are not read, one a line.
        execution_requirements: dict of string, more of the action.

    Returns:
        A struct with the Files `tar` and `metadata`.
    """
    stem = short_stem("{}_{}".format(ctx.label.name, layer))
    tar = ctx.actions.declare_file(stem + COMPRESSIONS[compression].extension)
    metadata = ctx.actions.declare_file(stem + ".metadata.json")

    args = ctx.actions.args()
    args.add("layer")
    args.add(layer, format = "--name=%s")
    args.add("--output", tar)
    args.add("--metadata", metadata)
    args.add("--compress", compression)

    # The bytes do not depend on it, and a small layer takes one.
    args.add("--threads", MAX_CPUS)
    if level != None:
        args.add("--level", level)
    if by_path:
        args.add("--by-path")
    if not hard_links:
        args.add("--no-hard-links")

    arguments = [args]
    files = []
    for manifest in manifests:
        if type(manifest) == "File":
            files.append(manifest)
            args.add("--manifest", manifest)
        else:
            manifest.use_param_file("--manifest=%s", use_always = True)
            arguments.append(manifest)
    if unused_inputs_list:
        files.append(unused_inputs_list)

    run_layer_tool(
        ctx,
        arguments = arguments,
        inputs = depset(files, transitive = [inputs]),
        outputs = [tar, metadata],
        unused_inputs_list = unused_inputs_list,
        mnemonic = "ImageLayer",
        resource_set = resources,
        progress_message = "Writing image layer %{label} (" + layer + ")",
        # A manifest from another action names unmapped paths.
        execution_requirements = (NO_SANDBOX if files else mapped_or_no_sandbox(ctx)) | execution_requirements,
    )
    return struct(tar = tar, metadata = metadata)

def split_manifest(ctx, *, name, manifests, groups, default, outputs, trees, prefix = "/", links = None, gates = [], label = None, stem = None):
    """Declares the split of manifests by regular expressions, and its action.

    Args:
        ctx: the context of a rule with `LAYER_TOOL`.
        name: string, what is split, for the names of the outputs.
        manifests: list of Args of `new_manifest`, or of Files.
        groups: dict of group to regular expression, in the order of the tries.
        default: string, the group of what no expression matches.
        outputs: list of the groups that are wanted.
        trees: depset of the directories that the manifests name: they are walked.
        prefix: string, what stands before the path that an expression is searched in.
        links: string or None: a regular expression; an output that is a symlink is
            written as one only where it is found.
        gates: list of File of `check_expressions`.
        label: string, what an error names. Default: the label of the target.
        stem: string, what the names of the outputs begin with. Default: the names of the target and of what is split.

    Returns:
        A dict of each group of `outputs` to a struct with the Files `manifest` and
        `unused` (the inputs that the group's manifest does not name, one a line).
    """
    args = ctx.actions.args()
    args.add("split")
    args.add(label or label_text(ctx.label), format = "--label=%s")
    args.add("--default", default)
    args.add("--prefix", prefix)
    if links != None:
        args.add("--links={}".format(links))
    for group, regex in groups.items():
        args.add("--group={}={}".format(group, regex))

    result = {}
    for group in outputs:
        path = short_stem("{}.{}".format(stem or "{}_{}".format(ctx.label.name, name), group))
        result[group] = struct(
            manifest = ctx.actions.declare_file(path + ".mtree"),
            unused = ctx.actions.declare_file(path + ".unused"),
        )
        args.add(result[group].manifest, format = "--output={}=%s".format(group))
        args.add(result[group].unused, format = "--unused={}=%s".format(group))

    arguments, files = [args], []
    for manifest in manifests:
        if type(manifest) == "File":
            files.append(manifest)
            args.add("--manifest", manifest)
        else:
            manifest.use_param_file("--manifest=%s", use_always = True)
            arguments.append(manifest)
    run_layer_tool(
        ctx,
        arguments = arguments,
        inputs = depset(files + gates, transitive = [trees]),
        outputs = [file for files in result.values() for file in [files.manifest, files.unused]],
        mnemonic = "ImageSplit",
        progress_message = "Splitting the manifest of %{label} (" + name + ")",
        execution_requirements = NO_SANDBOX,
    )
    return result

def check_expressions(ctx, *, groups, links = None):
    """Declares a check of regular expressions, and its action: what is wrong is said once.

    Args:
        ctx: the context of a rule with `LAYER_TOOL`.
        groups: dict, as of `split_manifest`.
        links: string or None, as of `split_manifest`.

    Returns:
        A list of File, the `gates` of `split_manifest`; none if there is nothing to check.
    """
    if not groups and links == None:
        return []
    nothing = ctx.actions.args()
    nothing.set_param_file_format("multiline")
    nothing.add("#mtree")
    checked = split_manifest(
        ctx,
        name = "expressions",
        manifests = [nothing],
        groups = groups,
        default = _NO_GROUP,
        outputs = [_NO_GROUP],
        trees = depset(),
        links = links,
    )
    return [checked[_NO_GROUP].manifest]

def check_links(ctx, *, name, manifests, elsewhere, inputs):
    """Declares a check that links point to something in the image, and its action.

    Args:
        ctx: the context of a rule with `LAYER_TOOL`.
        name: string, what is checked, for the names of the outputs.
        manifests: list of Args of `new_manifest`, whose links are checked.
        elsewhere: list of Args of `new_manifest`: what else is in the image.
        inputs: depset of the Files that `manifests` name and that may be links.

    Returns:
        An empty File. As the input of a layer it keeps that from being written if the
        check fails, and never has it written again.
    """
    checked = ctx.actions.declare_file(short_stem("{}_{}".format(ctx.label.name, name)) + ".links")
    args = ctx.actions.args()
    args.add("links")
    args.add("--output", checked)
    for flag, lines in {"--manifest=%s": manifests, "--elsewhere=%s": elsewhere}.items():
        for manifest in lines:
            manifest.use_param_file(flag, use_always = True)
    run_layer_tool(
        ctx,
        arguments = [args] + manifests + elsewhere,
        inputs = inputs,
        outputs = [checked],
        mnemonic = "ImageLinks",
        progress_message = "Checking the links of %{label} (" + name + ")",
        execution_requirements = NO_SANDBOX,
    )
    return checked

def list_tree_links(ctx, *, stem, manifest, elsewhere, trees):
    """Declares a manifest of the links and empty folders that trees have, and its action.

    What is in a tree is the same for Bazel whether it is a link or a copy of what that leads to: an
    action has the one or the other among its inputs by its strategy and by what a cache brought. So
    this action runs where the trees were made or brought to, and the actions of layers, wherever
    they run, go by what it wrote. A cache has that for as long as the trees.

    Args:
        ctx: the context of a rule or an aspect with `LAYER_TOOL`.
        stem: string, what the name of the output begins with.
        manifest: Args of `new_manifest` with `tree_links = "keep"`, which names the trees.
        elsewhere: Args of `new_manifest`: what else is in the image, to tell where a link leads to
            that leaves its tree.
        trees: list of File, the directories that the manifest names.

    Returns:
        File: a manifest to be given to `write_layer` or `split_manifest` before one with
        `tree_links = "listed"`.
    """
    links = ctx.actions.declare_file(short_stem(stem) + ".links.mtree")
    args = ctx.actions.args()
    args.add("tree-links")
    args.add("--output", links)
    manifest.use_param_file("--manifest=%s", use_always = True)
    elsewhere.use_param_file("--elsewhere=%s", use_always = True)
    run_layer_tool(
        ctx,
        arguments = [args, manifest, elsewhere],
        inputs = depset(trees),
        outputs = [links],
        mnemonic = "ImageTreeLinks",
        progress_message = "Looking for links in the trees of %{label}",
        execution_requirements = NO_SANDBOX | {"no-remote-exec": "1"},
    )
    return links
