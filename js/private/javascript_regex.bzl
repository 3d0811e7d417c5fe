"""JavaScript's regular expressions in the syntax that layer_tool reads."""

visibility(["//js/..."])

# ECMAScript without the flag `u`: these know ASCII only.
_CLASSES = {
    "D": "[^0-9]",
    "W": "[^A-Za-z0-9_]",
    "d": "[0-9]",
    "w": "[A-Za-z0-9_]",
}

# The same within brackets, where only what is no complement can be spelled out.
_CLASSES_IN_BRACKETS = {
    "b": "\\x08",
    "d": "0-9",
    "w": "A-Za-z0-9_",
}

# What means the same after a backslash in both.
_SAME = "BDSWbcdfknrstuvwx123456789"

# What starts an operator of sets within brackets, or brackets of their own.
_SET_OPERATORS = "[&~"

def _quantifier(text):
    """The leading `{2}`, `{2,}` or `{2,3}` of a text, or None."""
    if not text.startswith("{") or "}" not in text:
        return None
    low, _, high = text[1:text.index("}")].partition(",")
    valid = low.isdigit() and (high.isdigit() or not high)
    return text[:text.index("}") + 1] if valid else None

def _escaped(char, in_brackets):
    if in_brackets and char in _CLASSES_IN_BRACKETS:
        return _CLASSES_IN_BRACKETS[char]
    if not in_brackets and char in _CLASSES:
        return _CLASSES[char]
    if char == "0":
        return "\\x00"
    if char in _SAME or not char.isalnum():
        # `\<` and `\>` are boundaries of words in layer_tool's.
        return char if char in "<>/" else "\\" + char
    return char

def translate_javascript_regex(pattern):
    """Translates a regular expression as `new RegExp(pattern)` understands it.

    Args:
        pattern: string.

    Returns:
        A string; what neither syntax has is left for layer_tool to refuse.
    """
    out = []
    backslash = False
    in_brackets = False
    skip_to = 0
    for at, char in enumerate(pattern.elems()):
        if at < skip_to:
            continue
        if backslash:
            backslash = False
            out.append(_escaped(char, in_brackets))
        elif char == "\\" and at + 1 < len(pattern):
            backslash = True
        elif in_brackets:
            in_brackets = char != "]"
            out.append("\\" + char if char in _SET_OPERATORS else char)
        elif pattern[at:].startswith("[^]"):
            skip_to = at + 3
            out.append("[\\s\\S]")
        elif pattern[at:].startswith("[]"):
            skip_to = at + 2
            out.append("(?!)")
        elif char == "[":
            in_brackets = True
            out.append(char)
        elif char == "{":
            quantifier = _quantifier(pattern[at:])
            skip_to = at + len(quantifier or char)
            out.append(quantifier or "\\{")
        elif char in "]}":
            out.append("\\" + char)
        else:
            out.append(char)
    return "".join(out)
