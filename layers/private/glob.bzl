"""Globs on paths: for the keys of a tier, and for what layer_tool leaves out."""

visibility(["//js/...", "//layers/...", "//py/..."])

def _segment_matches(segment, pattern):
    """Whether `*` of the pattern can stand for what it must; there is no `**` here."""
    pieces = pattern.split("*")
    if len(pieces) == 1:
        return segment == pattern
    first, last = pieces[0], pieces[-1]
    if not segment.startswith(first) or not segment.endswith(last) or len(segment) < len(first) + len(last):
        return False
    rest = segment[len(first):len(segment) - len(last)]
    for piece in pieces[1:-1]:
        at = rest.find(piece)
        if at < 0:
            return False
        rest = rest[at + len(piece):]
    return True

def glob_matches(path, glob):
    """Whether a glob is for a path.

    Args:
        path: string, segments between `/`.
        glob: string: `*` stands for anything in a segment, a segment `**` for any number
            of segments, none included.

    Returns:
        bool.
    """
    segments = path.split("/")

    # Lengths of the beginnings of the path that the pattern so far can stand for.
    reached = [0]
    for pattern in glob.split("/"):
        if pattern == "**":
            reached = range(min(reached), len(segments) + 1)
        else:
            reached = [
                at + 1
                for at in reached
                if at < len(segments) and _segment_matches(segments[at], pattern)
            ]
        if not reached:
            return False
    return len(segments) in reached

# What stands for anything but itself in a regular expression.
_OPERATORS = "\\.+?*|()[]{}^$"

def quote_regex(text):
    """The regular expression of layer_tool that is for one text alone.

    Args:
        text: string.

    Returns:
        A string.
    """
    return "".join(["\\" + char if char in _OPERATORS else char for char in text.elems()])

def regex_of_glob(glob):
    """The regular expression that finds what a glob of `glob_matches` is for.

    Args:
        glob: string.

    Returns:
        A string, without what says that a path begins and ends.
    """
    regex = ""
    segments = glob.split("/")
    for number, segment in enumerate(segments):
        last = number == len(segments) - 1
        if segment == "**":
            regex += ".*" if last else "(?:.*/)?"
        else:
            regex += "[^/]*".join([quote_regex(text) for text in segment.split("*")]) + ("" if last else "/")
    return regex

# What begins anything but itself in a glob.
_MARKS = "*?[]{}\\,"

def glob_of_path(path):
    """The glob of layer_tool that is for one path alone.

    Args:
        path: string.

    Returns:
        A string.
    """
    return "".join(["[{}]".format(char) if char in _MARKS else char for char in path.elems()])

def _class_end(glob, start):
    """The offset after the class whose `[` is at an offset, and None; or -1 and what is wrong with it."""
    first = start + 1
    if glob[first:first + 1] in ["!", "^"]:
        first += 1
    low = None
    in_range = False
    for at in range(first, len(glob)):
        char = glob[at]
        if char == "]" and at > first:
            return at + 1, None
        if char == "-" and at > first and not in_range:
            in_range = True
        else:
            # Of other letters there is but a part.
            if in_range and low and char < low and low <= "~":
                return -1, "has the range `{}-{}`, whose end comes before its beginning".format(low, char)
            low = low if in_range else char
            in_range = False
    return -1, "has a `[` after {} that nothing closes".format(glob[:start] or "the beginning")

def problem_of_glob(glob):
    """What is wrong with a glob of layer_tool.

    Args:
        glob: string: `*`, `?`, `**`, `[a-z]`, `{a,b}`; a backslash before what stands for itself.

    Returns:
        A string; None if nothing is that analysis finds, so that the action has the last word.
    """
    open_braces = 0
    skip_to = 0
    for at, char in enumerate(glob.elems()):
        if at < skip_to:
            continue
        if char == "\\":
            if at + 1 == len(glob):
                return "ends with a backslash"
            skip_to = at + 2
        elif char == "[":
            skip_to, problem = _class_end(glob, at)
            if problem:
                return problem
        elif char == "{":
            open_braces += 1
        elif char == "}":
            open_braces -= 1
            if open_braces < 0:
                return "has a `}}` after {} that closes nothing".format(glob[:at] or "the beginning")
    return "has a `{` that nothing closes" if open_braces else None
