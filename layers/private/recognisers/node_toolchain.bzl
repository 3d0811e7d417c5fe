"""Node.js by its toolchain: `ToolchainInfo.nodeinfo` of rules_nodejs (nodejs/toolchain.bzl), also of `current_node_runtime`."""

load("//layers/private:recognisers/recognised.bzl", "recognised")

visibility(["//layers/..."])

def recognise(target, _ctx):
    """Recognises a Node.js toolchain: its program, and not the npm beside it.

    Args:
        target: Target.
        _ctx: the context of a rule, or of an aspect on it.

    Returns:
        A struct of `recognised`, or None.
    """
    if platform_common.ToolchainInfo not in target:
        return None
    node = getattr(getattr(target[platform_common.ToolchainInfo], "nodeinfo", None), "node", None)
    return recognised(name = "node", files = [node], kind = "interpreter", place = "node") if node else None
