"""The manifests and inputs of each layer."""

load("//layer_tool/private:layer.bzl", "split_manifest")
load(":partition.bzl", "REST")

visibility(["//js/..."])

# rules_js searches in `./app/main.js`.
_PREFIX = "./"

# No identifier, so the name of no group.
_OTHER = "-"

def _whole(part):
    return struct(manifests = part.found + [part.manifest()], mtree = part.manifest(), inputs = part.files, slices = part.slices, unused = None)

def _split(ctx, name, parts, expressions, default, outputs, links):
    inputs = depset(transitive = [part.files for part in parts])
    split = split_manifest(
        ctx,
        name = name,
        manifests = {found: None for part in parts for found in part.found}.keys() + [part.manifest() for part in parts],
        groups = expressions,
        default = default,
        outputs = outputs,
        trees = depset(transitive = [part.trees for part in parts]),
        prefix = _PREFIX,
        links = links,
    )
    return {
        group: struct(manifests = [files.manifest], mtree = files.manifest, inputs = inputs, slices = [], unused = files.unused)
        for group, files in split.items()
    }

def plan_layers(ctx, *, groups, parts, links):
    """Tells what each layer is made of.

    A default group's layer has its own files as inputs and no others. Only execution knows
    which files an expression takes: its layer has all files as inputs that no default
    group before it took.

    Args:
        ctx: the context of a rule that asks for the toolchain of layer_tool.
        groups: dict of group to regular expression, or to None for a default group.
        parts: dict of default group (and `REST`) to a struct with the depsets `files` and
            `trees`, the function `manifest` that makes an Args of `new_manifest`, and the
            lists `found` (of Files, manifests to be taken before that) and `slices`.
        links: string or None: the expression of paths where symlinks are preserved, if
            that is not known at analysis.

    Returns:
        A dict of group to a struct with the list `manifests`, the manifest `mtree`, the
        depset `inputs` and the File or None `unused`, as `write_layer` takes them, and the
        list `slices`: those of the part, if the layer is a whole one.
    """
    layers = {}
    expressions = {}
    waiting = []
    left = list(parts)
    for group, regex in (groups | {REST: None}).items():
        if regex != None:
            expressions[group] = regex
            waiting.append(group)
            continue
        if waiting:
            layers |= _split(ctx, "groups", [parts[name] for name in left], dict(expressions), _OTHER, waiting, links)
            waiting = []
        left.remove(group)
        if group == REST:
            continue
        if expressions or links != None:
            layers |= _split(ctx, "part", [parts[group]], dict(expressions), group, [group], links)
        else:
            layers[group] = _whole(parts[group])
    return {group: layers[group] for group in groups}
