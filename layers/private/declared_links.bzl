"""Which outputs are declared symlinks, before Bazel 8 says it of each (`File.is_symlink`)."""

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

DeclaredLinksInfo = provider(
    doc = "The declared symlinks among what a target is made of.",
    fields = {"files": "depset of File: outputs of `ctx.actions.declare_symlink`."},
)

def targets_of(value):
    """The targets of an attribute of any type.

    Args:
        value: what `ctx.rule.attr` has.

    Returns:
        A list of Targets.
    """
    if type(value) == "dict":
        value = value.keys() + value.values()
    return [dep for dep in (value if type(value) == "list" else [value]) if type(dep) == "Target"]

def _declared_links_aspect_impl(target, ctx):
    return [DeclaredLinksInfo(files = depset(
        transitive = [action.outputs for action in target.actions if action.mnemonic == "UnresolvedSymlink"] + [
            dep[DeclaredLinksInfo].files
            for name in dir(ctx.rule.attr)
            for value in [getattr(ctx.rule.attr, name, None)]
            # A look at the type spares a list for each of dozens of attributes.
            if type(value) in ["Target", "dict", "list"]
            for dep in targets_of(value)
            if DeclaredLinksInfo in dep
        ],
    ))]

declared_links_aspect = aspect(
    implementation = _declared_links_aspect_impl,
    doc = "Collects declared symlinks from all that a target depends on: whatever rule it is of may have them in its runfiles.",
    attr_aspects = ["*"],
    provides = [DeclaredLinksInfo],
)

def declared_links(targets):
    """The declared symlinks of targets.

    Args:
        targets: list of Targets with `declared_links_aspect`.

    Returns:
        A dict whose keys are the Files.
    """
    files = depset(transitive = [target[DeclaredLinksInfo].files for target in targets])
    return {file: None for file in files.to_list()}
