"""Layers of an image's own: what no other image has, or what expressions take."""

load(":attributes.bzl", "read_execution_requirements")
load(":compression.bzl", "check_level")
load(":layer.bzl", "check_expressions", "manifest_file", "split_manifest", "write_layer")
load(":plan.bzl", "plan_unit")

visibility(["//js/...", "//layers/...", "//py/..."])

# No identifier, so the name of no group.
OTHER = "-"

def layer_writer(ctx, *, compression, level, levels, by_path = False, hard_links = True):
    """How an image writes layers.

    Args:
        ctx: the context of a rule with `image_attrs`.
        compression: a key of `COMPRESSIONS`.
        level: int or None.
        levels: dict of layer to int, of `read_levels`.
        by_path: bool, as of `write_layer`.
        hard_links: bool, as of `write_layer`.

    Returns:
        A struct of `requirements` (dict of layer to a dict), the function `level` of a layer, and the
        function `layer` of one, of the list `manifests`, the depset `inputs` and the File `unused` or
        None. It returns a struct of the Files `tar` and `metadata`, and the list `manifests` of Files for
        who wants to see them.
    """
    requirements = read_execution_requirements(ctx)

    def level_of(group):
        if group in levels:
            check_level("group_compress_levels", compression, levels[group])
        return levels.get(group, level)

    def layer(group, *, manifests, inputs, unused = None):
        written = write_layer(
            ctx,
            layer = group,
            manifests = manifests,
            inputs = inputs,
            compression = compression,
            level = level_of(group),
            by_path = by_path,
            hard_links = hard_links,
            unused_inputs_list = unused,
            execution_requirements = requirements.get(group, {}),
        )
        return struct(
            tar = written.tar,
            metadata = written.metadata,
            manifests = [manifest_file(ctx, group, manifest) for manifest in manifests],
        )

    return struct(layer = layer, level = level_of, requirements = requirements)

def own_layer(group, files, *, interpreter, own, expressions, reason):
    """A layer that is one unit: what of it is which package's nobody asked.

    Args:
        group: string.
        files: struct of the function `layer` of a `layer_writer`.
        interpreter: string, the group of the interpreter.
        own: string, what else there is.
        expressions: dict of group to regular expression, as people wrote it.
        reason: string, why files are in a group without one.

    Returns:
        A struct as of `group_layer`.
    """
    regex = expressions.get(group)
    unit = plan_unit(
        kind = "interpreter" if group == interpreter else "own",
        name = group if group == interpreter else own,
        reason = "layer_groups: " + repr(regex) if regex != None else reason,
        sidecar = files.metadata,
    )
    return struct(name = group, group = group, tar = files.tar, metadata = files.metadata, manifests = files.manifests, fragments = [unit], why = "")

def _whole(part):
    return struct(
        inputs = part.files,
        manifests = part.found + [part.manifest()],
        unused = None,
        whole = True,
    )

def _split(ctx, name, parts, expressions, default, outputs, links, prefix, gates):
    split = split_manifest(
        ctx,
        name = name,
        manifests = [found for part in parts for found in part.found] + [part.manifest() for part in parts],
        groups = expressions,
        default = default,
        outputs = outputs,
        trees = depset(transitive = [part.trees for part in parts]),
        prefix = prefix,
        links = links,
        gates = gates,
    )

    # Only the expression knows which files these are: all are staged, but a change of what the group
    # does not hold re-runs nothing while Bazel remembers.
    inputs = depset(transitive = [part.files for part in parts])
    return {
        group: struct(inputs = inputs, manifests = [files.manifest], unused = files.unused, whole = False)
        for group, files in split.items()
    }

def filter_layers(ctx, *, groups, parts, prefix = "/", links = None):
    """Tells what each layer is made of where expressions take files before default groups do.

    A default group's layer has its own files as inputs and no others. Only execution knows
    which files an expression takes: its layer has all files as inputs that no default
    group before it took.

    Args:
        ctx: the context of a rule that asks for the toolchain of layer_tool.
        groups: dict of group to regular expression, or to None for a default group, in the order of the tries.
        parts: dict of default group, and perhaps of one that is no group and comes last, to a struct of the
            depsets `files` and `trees`, the list `found` of Files that are manifests, and the function
            `manifest` of a further one.
        prefix: string, as of `split_manifest`.
        links: string or None: the expression of paths where symlinks are preserved, if
            that is not known at analysis.

    Returns:
        A pair. A dict of group to a struct with the list `manifests`, the depset `inputs` and the File or
        None `unused`, as a `layer_writer` takes them, and `whole`: whether it has all of its part and
        nothing else. And a list of File, the `gates` of `split_manifest`.
    """
    own = {group: regex for group, regex in groups.items() if regex != None}
    gates = check_expressions(ctx, groups = own, links = links)
    layers = {}
    expressions = {}
    waiting = []
    left = dict(parts)

    # What no default group has is tried by the expressions after all of these, too.
    for group, regex in groups.items() + [(OTHER, None)]:
        if regex != None:
            expressions[group] = regex
            waiting.append(group)
            continue
        if waiting:
            layers |= _split(ctx, "layer_groups", left.values(), dict(expressions), OTHER, waiting, links, prefix, gates)
            waiting = []
        part = left.pop(group, None)
        if part and (expressions or links != None):
            layers |= _split(ctx, "part", [part], dict(expressions), group, [group], links, prefix, gates)
        elif part:
            layers[group] = _whole(part)
    return {group: layers[group] for group in groups}, gates
