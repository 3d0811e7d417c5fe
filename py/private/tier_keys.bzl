"""The keys of a tier's groups: distributions, parts of them, and first-party targets."""

visibility(["//py/..."])

_LETTERS_AND_MARKS = "abcdefghijklmnopqrstuvwxyz0123456789-"

_FORMS = "write a distribution (\"@pip//numpy\"), a part of one (\"@pip//torch:**/lib/*.so\") or targets of your own (\"//lib/branding\", \"//lib:target\", \"//lib/...\")"

def normalize_distribution(name):
    """The one spelling of a distribution's name (PEP 503).

    Args:
        name: string, e.g. `Charset_Normalizer`.

    Returns:
        A string, e.g. `charset-normalizer`.
    """
    name = name.lower().replace("_", "-").replace(".", "-")
    return "-".join([part for part in name.split("-") if part])

def parse_key(key):
    """Reads one key.

    Args:
        key: string.

    Returns:
        A struct of `distribution` (normalised name) and `glob` (string, or None for the
        whole of it), or one of `package` and `target` (None for all below the package).
        Fails for anything else.
    """
    repository, slashes, rest = key.partition("//")
    if not slashes or (repository and not repository.startswith("@")):
        _fail(key)
    package, colon, name = rest.partition(":")
    if colon and not name:
        _fail(key)
    if repository not in ["", "@", "@@"]:
        return _parse_distribution(key, package, name)
    if package == "..." or package.endswith("/..."):
        if colon:
            _fail(key)
        return struct(package = package[:-len("...")].rstrip("/"), target = None)
    name = name or package.split("/")[-1]
    if not name or "*" in rest or package.startswith("/") or package.endswith("/"):
        _fail(key)
    return struct(package = package, target = name)

def _parse_distribution(key, package, name):
    distribution = normalize_distribution(package)
    for letter in distribution.elems():
        if letter not in _LETTERS_AND_MARKS:
            _fail(key)
    if not distribution:
        _fail(key)

    # A hub's target has the name of its package, or `pkg`.
    if name in ["", "pkg"] or normalize_distribution(name) == distribution:
        return struct(distribution = distribution, glob = None)
    return struct(distribution = distribution, glob = name)

def _fail(key):
    fail("attribute groups: {} is no key of a group; {}".format(repr(key), _FORMS))

def is_for(key, label):
    """Whether a key is for a target of the main repository.

    Args:
        key: struct with `package` and `target`.
        label: Label.

    Returns:
        bool.
    """
    if key.target:
        return (key.package, key.target) == (label.package, label.name)
    return not key.package or (label.package + "/").startswith(key.package + "/")
