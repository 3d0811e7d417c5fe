"""What the tiers of all languages have in common: names of groups, ids, and compression."""

load(":compression.bzl", "check_level", "compression_form", "parse_compression")

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

# In the keys of `compression`: every group that is not named.
_OTHERS = "*"

# The output groups of the rules that are no layer, to what a group of that name is.
RESERVED = {name: "an output group of its own" for name in ["_validation", "metadata", "mtree", "plan"]}

def is_name(text, marks = "_-."):
    """Whether a text has only letters, digits and marks, and at least one letter or digit.

    Args:
        text: string.
        marks: string.

    Returns:
        bool.
    """
    for mark in marks.elems():
        text = text.replace(mark, "")
    return text.isalnum()

def check_group(attribute, group, taken):
    """Fails for a group that cannot be the name of a layer.

    Args:
        attribute: string, the attribute to name in an error.
        group: string.
        taken: dict of a name that no group can have to what it is.
    """
    check_taken(attribute, group, taken)
    if not is_name(group):
        fail("attribute {}: {} cannot be the name of a layer; use letters, digits, `_`, `-` and `.`".format(attribute, repr(group)))

def check_taken(attribute, group, taken):
    """Fails for a group whose name is taken.

    Args:
        attribute: string; all arguments are those of `check_group`.
        group: string.
        taken: dict.
    """
    if group in taken:
        fail("attribute {}: {} is {}; rename the group".format(attribute, repr(group), taken[group]))

def parse_compressions(attribute, groups):
    """Reads how the groups of a tier are compressed.

    Args:
        attribute: dict of group to the list of a compression and its level, as the user
            gave it.
        groups: list of string, all that are there.

    Returns:
        A dict of group to a string of `compression_form`, for `form_of`.
    """
    compressions = {_OTHERS: compression_form("gzip")}
    known = [_OTHERS] + groups
    for group, words in attribute.items():
        if group not in known:
            fail("attribute compression: {} is not a group of this tier; use one of {}".format(
                repr(group),
                ", ".join([repr(name) for name in known]),
            ))
        if len(words) not in [1, 2] or not "".join(words[1:] or ["0"]).isdigit():
            fail("attribute compression: {} for {} is not a compression and level; write e.g. [\"zstd\", \"3\"] or [\"gzip\"]".format(words, repr(group)))
        compression = parse_compression("compression", words[0])
        level = int(words[1]) if len(words) == 2 else None
        if level != None:
            check_level("compression", compression, level)
        compressions[group] = compression_form(compression, level)
    return compressions

def form_of(tier, group):
    """How a group is compressed.

    Args:
        tier: a provider with the field `compressions` of `parse_compressions`.
        group: string.

    Returns:
        A string of `compression_form`.
    """
    return tier.compressions.get(group, tier.compressions[_OTHERS])

def key_hash(key):
    """A short name for everything that a fragment depends on, for a part of a file's name.

    Args:
        key: string.

    Returns:
        A string of hexadecimal digits.
    """
    return "%x" % (hash(key) % (1 << 32))
