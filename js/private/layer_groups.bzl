"""The layers of an image, and who goes where."""

load("//layers/private:recognisers/package_store.bzl", "is_first_party", "package_in_store")
load("//layers/private:regex.bzl", "check_regexes")
load("//layers/private:tier.bzl", "RESERVED", "check_taken", "is_name")
load(":javascript_regex.bzl", "translate_javascript_regex")

visibility(["//js/..."])

# The layer of Node.js.
NODE = "node"

# The layer of packages in no group.
PACKAGES = "package_store_3p"

_STORE = "/.aspect_rules_js/"

# The version that rules_js gives to first-party packages.
_FIRST_PARTY = "@0.0.0"

def _is_node(path):
    # rules_js called the folder node-patches before version 3.4.
    return "/js/private/node-bootstrap/" in path or "/js/private/node-patches/" in path or "/bin/nodejs/" in path

def _is_package_store_3p(path):
    _, _, stored = path.partition(_STORE)
    return "/node_modules" in stored and _FIRST_PARTY not in stored

def _is_package_store_1p(path):
    _, _, stored = path.partition(_STORE)
    return _FIRST_PARTY + "/node_modules" in stored

def _is_node_modules(path):
    return "/node_modules/" in path

def _is_app(_):
    return True

# rules_js's default groups in the order of the tries and the layers, as functions of the
# path in the image. They stand for the expressions in its documentation, so that analysis
# knows who goes where, and the action of a layer has just its own files as inputs.
DEFAULT_GROUPS = {
    NODE: _is_node,
    "package_store_3p": _is_package_store_3p,
    "package_store_1p": _is_package_store_1p,
    "node_modules": _is_node_modules,
    "app": _is_app,
}

def _is_third_party_package(path):
    package = package_in_store(path)
    return package != None and not is_first_party(package)

def _is_first_party_package(path):
    package = package_in_store(path)
    return package != None and is_first_party(package)

# The same groups with a tier, where each package of the store is first-party or third-party:
# for rules_js, `react@0.0.0-experimental-1` and what has that for a peer are neither.
TIER_GROUPS = DEFAULT_GROUPS | {
    "package_store_3p": _is_third_party_package,
    "package_store_1p": _is_first_party_package,
}

# The same as expressions, for what is in the folders that actions make, in layer_tool's syntax. No
# such folder has rules_js's Node.js in it.
_EXPRESSIONS = {
    "package_store_3p": r"/\.aspect_rules_js/(?!.*@0\.0\.0).*/node_modules",
    "package_store_1p": r"/\.aspect_rules_js/.*@0\.0\.0/node_modules",
    "node_modules": "/node_modules/",
}

def expressions_of_trees(groups):
    """Which group each path in a folder goes to.

    Args:
        groups: dict of `ordered_groups`.

    Returns:
        A dict of group to regular expression for layer_tool, in the order of the tries; without
        `app` if the user left that as it is: it has the rest.
    """
    expressions = {group: _EXPRESSIONS.get(group) if regex == None else regex for group, regex in groups.items()}
    return {group: regex for group, regex in expressions.items() if regex != None}

def _check_name(group):
    if not is_name(group, "_$") and group.strip("_$") or group[:1].isdigit() or not group:
        fail("attribute layer_groups: {} is not an identifier; use letters, digits, `_` and `$`, and do not begin with a digit".format(repr(group)))
    check_taken("layer_groups", group, RESERVED)

def ordered_groups(layer_groups):
    """The groups of an image in the order of the tries and the layers.

    Args:
        layer_groups: dict of group to JavaScript regular expression, as the user gave it.

    Returns:
        A dict of group to regular expression for layer_tool, or to None for a default
        group that the user left as it is.
    """
    for group in layer_groups:
        _check_name(group)
    groups = {group: "" for group in layer_groups if group not in DEFAULT_GROUPS} | {group: None for group in DEFAULT_GROUPS}
    translated = {group: translate_javascript_regex(regex) for group, regex in layer_groups.items()}
    check_regexes("layer_groups", layer_groups, translated)
    return groups | translated
