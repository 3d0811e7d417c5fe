"""Which group each file of a binary belongs to, as far as analysis can tell."""

visibility(["//js/..."])

# The part of what no default group takes.
REST = "rest of the files"

# The part of the folders that actions make and that stand below no node_modules: what is in them
# only execution can tell, and that may be a node_modules.
TREES = "trees"

def group_tests(groups, defaults):
    """How analysis tells who goes where.

    Args:
        groups: dict of `ordered_groups`.
        defaults: `DEFAULT_GROUPS` or `TIER_GROUPS`.

    Returns:
        A dict of default group to a function of the path in the image, in the order of the tries;
        `REST` is the last.
    """
    return {group: defaults[group] for group, regex in groups.items() if regex == None} | {REST: lambda _: True}

def group_of(tests, path):
    """The group of a path.

    Args:
        tests: dict of `group_tests`.
        path: string, path in the image.

    Returns:
        A string, a key of the dict.
    """
    for group, test in tests.items():
        if test("./" + path):
            return group
    return REST

def partition(paths, tests):
    """Gives each file to the default group that takes it, unless an expression does before.

    One pass over the list at analysis, so that each layer's action has its own files as
    inputs. A package goes by its own path: it is in one layer as a whole.

    Args:
        paths: list of pairs of path in the image (string) and File.
        tests: dict of `group_tests`.

    Returns:
        A dict of group, in order, to a list of such pairs; `REST` and `TREES` are the last.
    """
    parts = {group: [] for group in tests} | {TREES: []}
    for path, file in paths:
        group = group_of(tests, path + "/" if file.is_directory else path)
        parts[TREES if file.is_directory and group in ["app", REST] else group].append((path, file))
    return parts
