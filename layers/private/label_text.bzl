"""Labels for people."""

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

def label_text(label):
    """A label for people: as the main module would write it.

    Args:
        label: Label.

    Returns:
        A string, e.g. `//lib:target` or `@rules_image_layers//py:layer_tier`. If an extension made the
        repository, its name is the canonical one.
    """
    module = module_of(label)
    if module == None:
        return str(label)
    return "{}//{}:{}".format("@" + module if module else "", label.package, label.name)

def module_of(label):
    """The module whose own repository a label is in.

    Args:
        label: Label.

    Returns:
        A string, empty for the main module; None for a repository that an extension made.
    """

    # A module's own repository is NAME~, NAME+, or either with a version.
    module, _, version = label.repo_name.replace("+", "~").partition("~")
    return None if "~" in version else module
