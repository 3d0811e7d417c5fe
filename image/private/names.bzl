"""Names and words in images: what registries and runtimes take, and the default name."""

load("//layers/private:label_text.bzl", "label_text")

visibility(["//image/..."])

_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_WORD = _LOWER + _DIGITS
_LETTERS = _LOWER + _LOWER.upper() + _DIGITS

# Of a name with its host, which many clients take (OCI distribution specification 1.1,
# "Pulling manifests": 255), so that a host has room.
_MAX_NAME = 180

def image_name(label):
    """The name of an image that nobody named.

    It is PACKAGE/NAME in lower case, as far as a registry takes that (OCI distribution
    specification 1.1, "Pulling manifests"): what begins or ends a component and is neither letter
    nor digit falls away, and within one it becomes a hyphen unless it is `.`, `_`, `__` or hyphens.

    Args:
        label: Label.

    Returns:
        A string, e.g. `svc/internal/api` for `//svc/_internal:api`.
    """
    parts = [_component(part) for part in "/".join([label.package, label.name]).lower().split("/")]
    name = "/".join([part for part in parts if part])
    return name[-_MAX_NAME:].lstrip("/._-") or "image"

def _component(text):
    """The nearest component of a name; what is one stays as it is."""
    result = ""
    separator = ""
    for letter in text.elems():
        if letter not in _WORD:
            separator += letter
            continue
        if result and separator:
            is_one = separator in [".", "_", "__"] or not separator.strip("-")
            result += separator if is_one else "-"
        result += letter
        separator = ""
    return result

def _consists(text, letters):
    return bool(text) and not [letter for letter in text.elems() if letter not in letters]

def _is_tag(tag):
    return len(tag) <= 128 and _consists(tag, _LETTERS + "_.-") and tag[0] not in ".-"

def _is_host(text):
    host, colon, port = text.partition(":")
    return (colon or "." in host or host == "localhost") and _consists(host, _LETTERS + ".-") and (not colon or _is_number(port, 65535))

def _is_number(text, most):
    # More digits have no number that counts.
    return _consists(text, _DIGITS) and len(text) <= 10 and int(text) <= most

def _is_reference(text):
    name, _, tag = text.rpartition(":")
    parts = name.split("/")
    if len(parts) > 1 and _is_host(parts[0]):
        parts = parts[1:]
    return _is_tag(tag) and not [part for part in parts if not part or _component(part) != part]

def _is_user(text):
    """An id below that of nobody's (-1), or a name as useradd(8) takes it."""
    if text[:1] in _DIGITS:
        return _is_number(text, 4294967294)
    name = text.removesuffix("$")
    return len(text) <= 32 and _consists(name, _LETTERS + "_-.") and name[0] not in "-."

def _is_port(text):
    number, slash, protocol = text.partition("/")
    return _is_number(number, 65535) and int(number) > 0 and (not slash or protocol in ["tcp", "udp", "sctp"])

def check_names(ctx):
    """Fails for a name that registries do not take.

    Args:
        ctx: the context of a rule with the attributes `tag` and `repo_tag`.
    """
    attr = ctx.attr
    if not _is_tag(attr.tag):
        _refuse(ctx, "tag", attr.tag, "is not a tag that registries take; use up to 128 letters, digits, `_`, `.` and `-`, and do not begin with `.` or `-`")
    if attr.repo_tag and not _is_reference(attr.repo_tag):
        _refuse(ctx, "repo_tag", attr.repo_tag, "is not the name of an image; write [HOST[:PORT]/]NAME:TAG, the name in lower case letters, digits and single `.`, `_`, `-`, `/` between them")

def check_words(ctx):
    """Fails for words that runtimes do not take.

    Args:
        ctx: the context of a rule with the attributes `annotations`, `env`, `labels`, `exposed_ports`, `user`, `volumes` and `workdir`.
    """
    attr = ctx.attr
    if attr.workdir and not attr.workdir.startswith("/"):
        _refuse(ctx, "workdir", attr.workdir, "is not an absolute path; write e.g. \"/srv\"")
    if attr.user and (attr.user.count(":") > 1 or [part for part in attr.user.split(":") if not part or not _is_user(part)]):
        _refuse(ctx, "user", attr.user, "is not an id or a name; write e.g. 1000, 1000:1000, nobody or nobody:nogroup")
    for volume in attr.volumes:
        if not volume.startswith("/"):
            _refuse(ctx, "volumes", volume, "is not an absolute path; write e.g. \"/var/data\"")
    for port in attr.exposed_ports:
        if not _is_port(port):
            _refuse(ctx, "exposed_ports", port, "is not a port; write e.g. \"8080\" or \"53/udp\"")
    for variable in attr.env:
        if not variable or "=" in variable:
            _refuse(ctx, "env", variable, "is not the name of a variable; write a name without `=`")
    for attribute in ["annotations", "labels"]:
        for name in getattr(attr, attribute):
            # They are told as `NAME=VALUE`.
            if not name or "=" in name:
                _refuse(ctx, attribute, name, "cannot be a name; write a name without `=`")

def _refuse(ctx, attribute, value, problem):
    fail("attribute {}: {} of {} {}".format(attribute, repr(value), label_text(ctx.label), problem))
