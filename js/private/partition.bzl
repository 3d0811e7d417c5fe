"""Which group each file of a binary belongs to, as far as analysis can tell."""

visibility(["//js/..."])

# The part of what no default group takes.
REST = "rest of the files"

def partition(paths, groups, tests):
    """Gives each file to the default group that takes it, unless an expression does before.

    One pass over the list at analysis, so that each layer's action has its own files as
    inputs. A tree goes by its own path: a package is in one layer as a whole.

    Args:
        paths: list of pairs of path in the image (string) and File.
        groups: dict of `ordered_groups`.
        tests: `DEFAULT_GROUPS` or `TIER_GROUPS`.

    Returns:
        A dict of group, in order, to a list of such pairs; `REST` is the last.
    """
    tests = [(group, tests[group]) for group, regex in groups.items() if regex == None]
    tests.append((REST, lambda _: True))
    parts = {group: [] for group, _ in tests}
    for path, file in paths:
        searched = "./" + path + ("/" if file.is_directory else "")
        for group, test in tests:
            if test(searched):
                parts[group].append((path, file))
                break
    return parts
