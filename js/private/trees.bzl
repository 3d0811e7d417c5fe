"""What is in the folders that actions make: only execution can tell, and it may be a node_modules."""

load("//layers/private:layer.bzl", "split_manifest")
load("//layers/private:own_layers.bzl", "OTHER")
load(":layer_groups.bzl", "NODE", "expressions_of_trees", "ordered_groups")

visibility(["//js/..."])

# rules_js searches in `./app/main.js`.
PREFIX = "./"

# The group that has the rest of the files unless an expression says what it has.
_APP = "app"

_NODE_MODULES = "/node_modules/"

def split_trees(ctx, part, *, name, groups = ordered_groups({}), tiered = False, outputs, gates = []):
    """Sorts what is in folders.

    The layer of each group has the folders as inputs. So it is written again when one changes, and
    is the same unless what it has of them changed; with `unused` not even that is done where it has
    nothing of them, as long as Bazel remembers.

    Args:
        ctx: the context of a rule that asks for the toolchain of layer_tool.
        part: struct of `make_part`, the folders.
        name: string, for the names of the outputs.
        groups: dict of `ordered_groups`. Default: the default groups.
        tiered: bool, whether all packages of folders are of one group, `node_modules`.
        outputs: list of the groups that are wanted.
        gates: list of File, as of `split_manifest`.

    Returns:
        A dict of group to a struct of `split_manifest`.
    """
    expressions = {"node_modules": _NODE_MODULES} if tiered else expressions_of_trees(groups)
    return split_manifest(
        ctx,
        name = name,
        manifests = part.found + [part.manifest()],
        groups = expressions,
        default = OTHER if _APP in expressions else _APP,
        outputs = outputs,
        trees = part.trees,
        prefix = PREFIX,
        gates = gates,
    )

def add_trees(ctx, layers, *, groups, part, whole, gates):
    """Gives the layers of an image what is in folders.

    Args:
        ctx: the context of js_image_layer.
        layers: dict of `filter_layers`.
        groups: dict of `ordered_groups`.
        part: struct of `make_part`, the folders.
        whole: list of the groups that have what is theirs already.
        gates: list of File, as of `split_manifest`.

    Returns:
        A dict as `layers`.
    """
    wanted = [group for group, regex in groups.items() if group not in whole and (group != NODE or regex != None)]
    of_trees = split_trees(ctx, part, name = "trees", groups = groups, outputs = wanted, gates = gates)
    return layers | {
        group: struct(
            inputs = depset(transitive = [layers[group].inputs, part.files]),
            manifests = layers[group].manifests + [files.manifest],
            # That of a layer of expressions knows nothing of the trees.
            unused = layers[group].unused or files.unused,
        )
        for group, files in of_trees.items()
    }
