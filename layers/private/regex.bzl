"""Checks of regular expressions, as far as analysis can tell what is wrong."""

visibility(["//js/...", "//layers/...", "//py/..."])

# What may hold unpaired brackets, or changes the syntax.
_UNKNOWN = ["(?#", "(?(", "(?x", "\\Q"]

def _class_end(pattern, start):
    """The offset of the `]` that closes the `[` at an offset; -1 for none."""
    depth = 0
    first = False
    backslash = False
    for at in range(start, len(pattern)):
        char = pattern[at]
        if backslash:
            backslash = False
        elif char == "\\":
            backslash = True
        elif char == "[":
            depth += 1
            first = True
            continue
        elif char == "^" and first and pattern[at - 1] == "[":
            continue
        elif char == "]" and not first:
            depth -= 1
            if not depth:
                return at
        first = False
    return -1

def _count_range(pattern, at):
    """The leading `{3,2}` of a text as a pair of int, the second None without one; or None."""
    if "}" not in pattern[at:]:
        return None
    low, comma, high = pattern[at + 1:pattern.index("}", at)].partition(",")
    if not low.isdigit() or (high and not high.isdigit()):
        return None
    return (int(low), int(high) if comma and high else None)

def problem_of_regex(pattern):
    """What is wrong with a regular expression.

    Args:
        pattern: string, in the syntax of layer_tool.

    Returns:
        A string; None if analysis finds nothing wrong. The action may still find something.
    """
    for unknown in _UNKNOWN:
        if unknown in pattern:
            return None
    open_groups = 0
    repeatable = False
    skip_to = 0
    for at, char in enumerate(pattern.elems()):
        if at < skip_to:
            continue
        before = pattern[:at] or "the beginning"
        if char == "\\":
            if at + 1 == len(pattern):
                return "ends with a backslash"
            skip_to = at + 2
            repeatable = True
        elif char == "[":
            end = _class_end(pattern, at)
            if end < 0:
                return "has a `[` after {} that nothing closes".format(before)
            skip_to = end + 1
            repeatable = True
        elif char == "(":
            open_groups += 1
            repeatable = False
            if pattern[at:].startswith("(?"):
                ends = [end for end in [pattern.find(mark, at + 2) for mark in [":", "=", "!", ">", ")"]] if end > 0]
                if not ends:
                    return "has a `(?` after {} that does not begin a group".format(before)
                skip_to = min(ends)
                skip_to += 0 if pattern[skip_to] == ")" else 1
        elif char == ")":
            open_groups -= 1
            if open_groups < 0:
                return "has a `)` after {} that closes nothing".format(before)
            repeatable = True
        elif char == "|":
            repeatable = False
        elif char in "*+?":
            if not repeatable:
                return "has a `{}` after {} with nothing to repeat".format(char, before)
        elif char == "{":
            counts = _count_range(pattern, at)
            if counts and counts[1] != None and counts[0] > counts[1]:
                return "repeats at least {} and at most {} times".format(*counts)
            repeatable = True
        else:
            repeatable = True
    return "has a `(` that nothing closes" if open_groups else None

def check_regexes(attribute, patterns, translated = None):
    """Fails for a pattern that is not a regular expression.

    Args:
        attribute: string, the attribute to name in an error.
        patterns: dict of key to regular expression, as the user gave it.
        translated: dict of key to the same in the syntax of layer_tool. Default: the same.
    """
    for key, pattern in patterns.items():
        problem = problem_of_regex((translated or patterns)[key])
        if problem:
            fail("attribute {}: {} for {} is not a regular expression: it {}".format(attribute, repr(pattern), repr(key), problem))
