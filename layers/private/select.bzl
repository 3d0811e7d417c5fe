"""Arguments of macros, each of which may be a `select()`.

Only a rule sees what is in a `select()`, once it is configured. So a macro passes it on, or fails
and names the attribute whose value it must know. A symbolic macro gives every argument in this way,
and `None` for an argument that nobody set.
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
    """Whether an argument of a macro is set.

    Args:
        value: anything.

    Returns:
        A bool: True for every `select()`; otherwise False for None and for empty values.
    """
    return is_select(value) or bool(value)

def join_lists(*lists):
    """Concatenates lists, each of which may be a `select()` or None.

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
    """Leaves out arguments that are None, so that the rule or macro uses its default.

    Args:
        arguments: dict of string to anything.

    Returns:
        A dict.
    """
    return {name: value for name, value in arguments.items() if value != None}

def check_fixed(attribute, value, instead):
    """Fails for a `select()` if the macro must know the value.

    Args:
        attribute: string, its name.
        value: anything.
        instead: string, what to write.
    """
    if is_select(value):
        fail("attribute {}: it cannot be a select(), because it decides which targets are declared; {}".format(attribute, instead))
