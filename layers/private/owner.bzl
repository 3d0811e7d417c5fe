"""The owner of entries, from attributes."""

visibility(["//js/...", "//layers/...", "//py/..."])

# Linux has 32 bits for an id, and the last one, (uid_t)-1, is nobody's. Runtimes cut what is larger.
_MAX_ID = 0xfffffffe

def is_id(value):
    """Whether a text is an id that can own an entry.

    Args:
        value: string.

    Returns:
        bool.
    """
    return value.isdigit() and int(value) <= _MAX_ID

def check_id(attribute, value):
    """Fails for an owner or a group that is not a number, or not one that systems have.

    Args:
        attribute: string, the attribute to name in an error.
        value: string.
    """
    if not is_id(value):
        fail("attribute {}: {} is not a valid id; write digits, e.g. \"1000\", {} at most".format(attribute, repr(value), _MAX_ID))

def parse_owner(owner, group = ""):
    """The owner of every entry, from the attributes `owner` and `group`.

    Args:
        owner: string.
        group: string.

    Returns:
        A string, `UID:GID`; None if both are empty.
    """
    if not owner and not group:
        return None
    uid, colon, gid = (owner or "0").partition(":")
    if not is_id(uid) or (colon and not is_id(gid)):
        fail("attribute owner: {} is not UID:GID in digits; write e.g. \"0:0\", each {} at most".format(repr(owner), _MAX_ID))
    if group and colon:
        fail("attribute group: {} is given twice, because owner = {} has a group, too; leave out one of the two".format(repr(group), repr(owner)))
    if group:
        check_id("group", group)
    return "{}:{}".format(uid, gid or group or "0")
