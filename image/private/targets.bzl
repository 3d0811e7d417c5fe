"""The targets of an image in any language."""

load("//layers/private:names.bzl", "short_stem")
load("//layers/private:report.bzl", "image_report")
load("//layers/private:select.bzl", "check_fixed", "is_select", "without_none")
load(":command.bzl", "docker_archive", "image_digest", "image_load")
load(":image.bzl", "image")
load(":index.bzl", "image_index")

visibility("//image/...")

def check_platforms(target_platform, platforms):
    """Fails if both attributes are set, or if one of them is a `select()`.

    Args:
        target_platform: label or None.
        platforms: list of labels.
    """
    check_fixed("target_platform", target_platform, "declare an image for each platform, or set --platforms")
    check_fixed("platforms", platforms, "declare an image for each list")
    if target_platform and platforms:
        fail("attribute platforms: it replaces target_platform; leave out one of the two")

def _is_file(values):
    """Whether values are the label of a file, or a `select()` of labels, which can only be told from its text."""
    if not is_select(values):
        return type(values) in ["Label", "string"]
    start = "select({"
    branches = repr(values)
    if not branches.startswith(start):
        return False
    for branch in branches.removeprefix(start).split(", "):
        value = branch.partition(": ")[2]
        if value and not value.startswith("None"):
            return not value.startswith("{")
    return False

def _by_type(attribute, values):
    """The rule's attribute for values. The label of a file has an attribute of its own."""
    if _is_file(values):
        return {attribute + "_file": values}
    _check_strings(attribute, values)
    return {attribute: values}

def _check_strings(attribute, values):
    if is_select(values) or values == None:
        return
    if type(values) != "dict" or [value for pair in values.items() for value in pair if type(value) != "string"]:
        fail("attribute {}: {} is not a dict of string to string; write {{\"NAME\": \"VALUE\"}}, or the label of a file of NAME=VALUE lines".format(attribute, repr(values)))

def _command_args(command, name, ending = ""):
    """The attribute `args`: paths are those where `bazel run` starts, in the main repository's runfiles."""
    repository = native.repo_name()
    folders = ["..", repository] if repository else []
    return [command, "/".join(folders + [part for part in [native.package_name(), short_stem(name) + ending] if part])]

def image_targets(
        name,
        *,
        layers,
        common,
        target_platform = None,
        platforms = [],
        tag = "latest",
        repo_tag = None,
        annotations = {},
        env = {},
        labels = {},
        **attributes):
    """Declares NAME (the layout), NAME.load, NAME.digest, NAME.report and, of one platform, NAME.tar.

    Args:
        name: string.
        layers: list of labels of layers, lowest first.
        common: dict of `manual` attributes, so that building all targets does not write every image.
        target_platform: label or None.
        platforms: list of labels; several give an index.
        tag: string.
        repo_tag: string, for `load`, or None for the name of the binary.
        annotations: dict of string, or the label of a file of `NAME=VALUE` lines.
        env: as `annotations`.
        labels: as `annotations`.
        **attributes: of the rule `image`.
    """
    names = without_none(_by_type("annotations", annotations) | dict(repo_tag = repo_tag, tag = "latest" if tag == None else tag))
    image(
        name = name + "_image" if platforms else name,
        platform = target_platform,
        **(without_none(attributes | _by_type("env", env) | _by_type("labels", labels) | dict(layers = layers)) | names | common)
    )
    if platforms:
        image_index(
            name = name,
            image = name + "_image",
            platforms = platforms,
            **(names | common)
        )
    else:
        docker_archive(
            name = name + ".tar",
            image = name,
            **common
        )
    image_load(
        name = name + ".load",
        args = _command_args("load", name),
        image = name,
        **common
    )
    image_digest(
        name = name + ".digest",
        args = _command_args("digest", name, ".sparse"),
        image = name,
        **common
    )
    image_report(
        name = name + ".report",
        images = [name],
        **common
    )
