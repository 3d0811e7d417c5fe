"""Globs on paths: for the keys of a tier, and for the files that layer_tool leaves out.

There is one dialect. `*` matches any letters and `?` one letter, but not `/`. A segment `**` matches
any number of segments, `[a-z]` and `[!a-z]` one letter, `{a,b}` either text. A letter after a backslash
stands for itself. layer_tool reads the same globs with the crate globset.
"""

visibility(["//js/...", "//layers/...", "//py/..."])

def _alternatives(glob):
    """The globs without braces that a glob with braces stands for."""
    plain = []
    waiting = [glob]

    # Each round takes a pair of braces, or puts a glob without any aside.
    for _ in range(len(glob) * len(glob) + 2):
        if not waiting:
            break
        glob = waiting.pop(0)
        parts = _in_braces(glob)
        if parts:
            before, choices, after = parts
            waiting = [before + choice + after for choice in choices] + waiting
        else:
            plain.append(glob)
    return plain

def _in_braces(glob):
    """The text before, in and after the first braces of a glob; None if it has no braces."""
    depth = 0
    start = -1
    begin = 0
    choices = []
    for at, char in _operators(glob):
        if char == "{":
            depth += 1
            if depth == 1:
                start = at
                begin = at + 1
        elif char == "," and depth == 1:
            choices.append(glob[begin:at])
            begin = at + 1
        elif char == "}" and depth:
            depth -= 1
            if depth == 0:
                return glob[:start], choices + [glob[begin:at]], glob[at + 1:]
    return None

def _operators(glob):
    """Pairs of offset and letter, for letters that are neither after a backslash nor in a class."""
    found = []
    skip_to = 0
    for at, char in enumerate(glob.elems()):
        if at < skip_to:
            continue
        if char == "\\":
            skip_to = at + 2
        elif char == "[":
            end, _ = _class_end(glob, at)
            skip_to = end if end > 0 else at + 1
            found.append((at, char))
        else:
            found.append((at, char))
    return found

def _tokens(segment):
    """A segment as a list of `*`, `?`, classes with their brackets, and letters after a backslash."""
    tokens = []
    skip_to = 0
    for at, char in enumerate(segment.elems()):
        if at < skip_to:
            continue
        if char == "[":
            end, _ = _class_end(segment, at)
            skip_to = end if end > 0 else at + 1
            tokens.append(segment[at:skip_to])
        elif char == "\\":
            skip_to = at + 2
            tokens.append(segment[at:skip_to])
        else:
            tokens.append(char if char in "*?" else "\\" + char)
    return tokens

def _is_in_class(char, brackets):
    inside = brackets[1:-1]
    negated = inside[:1] in ["!", "^"]
    inside = inside[1:] if negated else inside
    found = False
    skip_to = 0
    for at in range(len(inside)):
        if at < skip_to:
            continue
        low, high = inside[at], inside[at]
        if inside[at + 1:at + 2] == "-" and at + 2 < len(inside):
            high = inside[at + 2]
            skip_to = at + 3
        found = found or (low <= char and char <= high)
    return found != negated

def _segment_matches(segment, pattern):
    """Whether a pattern without braces, slashes and `**` matches a segment."""
    if not [mark for mark in "?[\\".elems() if mark in pattern]:
        return _stars_match(segment, pattern)
    reached = [0]
    for token in _tokens(pattern):
        if token == "*":
            reached = range(reached[0], len(segment) + 1)
        else:
            reached = [
                at + 1
                for at in reached
                if at < len(segment) and (
                    token == "?" or
                    (token[0] == "\\" and segment[at] == token[1:]) or
                    (token[0] == "[" and _is_in_class(segment[at], token))
                )
            ]
        if not reached:
            return False
    return len(segment) in reached

def _stars_match(segment, pattern):
    """The same for a pattern that has no other mark than `*`."""
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
    """Whether a glob matches a path.

    Args:
        path: string, segments between `/`.
        glob: string.

    Returns:
        bool.
    """
    if "{" in glob:
        return any([_matches(path, plain) for plain in _alternatives(glob)])
    return _matches(path, glob)

def _matches(path, glob):
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
    """The regular expression of layer_tool that matches one text only.

    Args:
        text: string.

    Returns:
        A string.
    """
    return "".join(["\\" + char if char in _OPERATORS else char for char in text.elems()])

def regex_of_glob(glob):
    """The regular expression that finds what a glob matches.

    Args:
        glob: string.

    Returns:
        A string, without the marks for the beginning and the end of a path.
    """
    return "|".join([_regex(plain) for plain in _alternatives(glob)])

def _regex(glob):
    regex = ""
    segments = glob.split("/")
    for number, segment in enumerate(segments):
        last = number == len(segments) - 1
        if segment == "**":
            regex += ".*" if last else "(?:.*/)?"
        else:
            regex += "".join([_regex_of_token(token) for token in _tokens(segment)]) + ("" if last else "/")
    return regex

def _regex_of_token(token):
    if token in ["*", "?"]:
        return "[^/]" + ("*" if token == "*" else "")
    if token[0] == "\\":
        return quote_regex(token[1:])

    # In a class of layer_tool's regular expressions more stands for other than itself.
    inside = token[1:-1]
    negated = inside[:1] in ["!", "^"]
    inside = inside[1:] if negated else inside
    return "[{}{}]".format("^" if negated else "", "".join(["\\" + char if char in "[]&~^\\" else char for char in inside.elems()]))

# What begins anything but itself in a glob.
_MARKS = "*?[]{}\\,"

def glob_of_path(path):
    """The glob of layer_tool that matches one path only.

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
        glob: string, with `*`, `?`, `**`, `[a-z]`, `{a,b}`, and a backslash before a character that
            stands for itself.

    Returns:
        A string; None if analysis finds nothing wrong. The action may still find something.
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
