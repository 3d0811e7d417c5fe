"""The manifests and inputs of each layer."""

load("//layers/private:layer.bzl", "check_expressions", "split_manifest")
load(":layer_groups.bzl", "NODE")
load(":partition.bzl", "REST", "TREES")
load(":trees.bzl", "OTHER", "PREFIX", "split_trees")

visibility(["//js/..."])

def _whole(part):
    return struct(
        inputs = part.files,
        manifests = part.found + [part.manifest()],
        mtrees = part.found + [part.manifest()],
        slices = part.slices,
        unused = None,
    )

def _split(ctx, name, parts, expressions, default, outputs, links, gates):
    inputs = depset(transitive = [part.files for part in parts])
    split = split_manifest(
        ctx,
        name = name,
        manifests = [found for part in parts for found in part.found] + [part.manifest() for part in parts],
        groups = expressions,
        default = default,
        outputs = outputs,
        trees = depset(transitive = [part.trees for part in parts]),
        prefix = PREFIX,
        links = links,
        gates = gates,
    )
    return {
        group: struct(inputs = inputs, manifests = [files.manifest], mtrees = [files.manifest], slices = [], unused = files.unused)
        for group, files in split.items()
    }

def _with_trees(layer, part, of_trees):
    """A layer with what it has of trees."""
    return struct(
        inputs = depset(transitive = [layer.inputs, part.files]),
        manifests = layer.manifests + [of_trees.manifest],
        mtrees = layer.mtrees + [of_trees.manifest],
        slices = layer.slices,
        # That of a layer of expressions knows nothing of the trees.
        unused = layer.unused or of_trees.unused,
    )

def plan_layers(ctx, *, groups, parts, links):
    """Tells what each layer is made of.

    A default group's layer has its own files as inputs and no others. Only execution knows
    which files an expression takes: its layer has all files as inputs that no default
    group before it took. The same goes for what is in folders that actions make.

    Args:
        ctx: the context of a rule that asks for the toolchain of layer_tool.
        groups: dict of group to regular expression, or to None for a default group.
        parts: dict of `make_parts`.
        links: string or None: the expression of paths where symlinks are preserved, if
            that is not known at analysis.

    Returns:
        A dict of group to a struct with the list `manifests`, the list `mtrees` of the same, the
        depset `inputs` and the File or None `unused`, as `write_layer` takes them, and the
        list `slices`: those of the part, if the layer is a whole one.
    """
    own = {group: regex for group, regex in groups.items() if regex != None}
    gates = check_expressions(ctx, groups = own, links = links)
    layers = {}
    expressions = {}
    waiting = []
    left = [group for group in parts if group != TREES]
    for group, regex in (groups | {REST: None}).items():
        if regex != None:
            expressions[group] = regex
            waiting.append(group)
            continue
        if waiting:
            layers |= _split(ctx, "groups", [parts[name] for name in left], dict(expressions), OTHER, waiting, links, gates)
            waiting = []
        left.remove(group)
        if group == REST:
            continue
        if expressions or links != None:
            layers |= _split(ctx, "part", [parts[group]], dict(expressions), group, [group], links, gates)
        else:
            layers[group] = _whole(parts[group])
    if TREES in parts:
        wanted = [
            group
            for group, regex in groups.items()
            if len(layers[group].slices) < 2 and (group != NODE or regex != None)
        ]
        for group, of_trees in split_trees(ctx, parts[TREES], name = TREES, groups = groups, outputs = wanted, gates = gates).items():
            layers[group] = _with_trees(layers[group], parts[TREES], of_trees)
    return {group: layers[group] for group in groups}
