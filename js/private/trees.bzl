"""What is in the folders that actions make: only execution can tell, and it may be a node_modules."""

load("//layers/private:layer.bzl", "split_manifest")
load(":layer_groups.bzl", "expressions_of_trees", "ordered_groups")

visibility(["//js/..."])

# rules_js searches in `./app/main.js`.
PREFIX = "./"

# The group that has the rest of the files unless an expression says what it has.
_APP = "app"

# No identifier, so the name of no group.
OTHER = "-"

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
