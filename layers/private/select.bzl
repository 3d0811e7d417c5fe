"""Arguments of macros, each of which may be a `select()`.

What is in a `select()` only a rule sees, once it is configured: a macro passes it on, or
says by name that it has to know the value. A symbolic macro gives every argument that way,
and `None` for one that nobody set.
"""

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

def is_select(value):
    """Whether a value depends on the configuration.

    Args:
        value: anything.

    Returns:
        A bool.
    """
    return type(value) == "select"

def is_given(value):
    """Whether a macro's argument says something.

    Args:
        value: anything.

    Returns:
        A bool: True for a `select()`, whatever is in it; else False for None and for what is empty.
    """
    return is_select(value) or bool(value)

def join_lists(*lists):
    """Concatenates lists of which any may be a `select()` or None.

    Args:
        *lists: lists, `select()` of lists, or None for an empty one.

    Returns:
        A list, or a `select()`.
    """
    result = []
    for values in lists:
        if values != None:
            result = result + values
    return result

def without_none(arguments):
    """Leaves out what nobody set, for which a rule or macro has a default.

    Args:
        arguments: dict of string to anything.

    Returns:
        A dict.
    """
    return {name: value for name, value in arguments.items() if value != None}

def check_fixed(attribute, value, instead):
    """Fails for a `select()` where a macro has to know the value.

    Args:
        attribute: string, its name.
        value: anything.
        instead: string, what to write.
    """
    if is_select(value):
        fail("attribute {}: it cannot be a select(), because it decides which targets are declared; {}".format(attribute, instead))
