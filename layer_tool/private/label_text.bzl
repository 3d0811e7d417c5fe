"""Labels for people."""

visibility(["//image/...", "//js/...", "//layer_tool/...", "//py/..."])

def label_text(label):
    """A label for people: as the main module would write it.

    Args:
        label: Label.

    Returns:
        A string, e.g. `//lib:target` or `@rules_image_layers//py:layer_tier`; that of a
        repository that an extension made is canonical.
    """
    if not label.repo_name:
        return "//{}:{}".format(label.package, label.name)

    # A module's own repository is NAME~, NAME+, or either with a version.
    module, _, version = label.repo_name.replace("+", "~").partition("~")
    if "~" in version:
        return str(label)
    return "@{}//{}:{}".format(module, label.package, label.name)
