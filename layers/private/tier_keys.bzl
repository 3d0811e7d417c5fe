"""The keys of a tier's groups: distributions, parts of them, and first-party targets."""

load(":label_text.bzl", "module_of")

visibility(["//layers/...", "//py/..."])

_LETTERS_AND_MARKS = "abcdefghijklmnopqrstuvwxyz0123456789-*"

# What names of packages have beside these, for ecosystems that know upper and lower case.
_MORE_MARKS = "._~"

_FORMS = "write a package (\"@pip//numpy\", \"react\", \"@aws-sdk/*\"), a part of one (\"@pip//torch:**/lib/*.so\", \"react:**/*.map\") or targets of your own (\"//lib/branding\", \"//lib:target\", \"//lib/...\") or of a module (\"@module//lib/...\")"

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
        A struct of `repository` (string: a hub or a module; empty for the main repository; None for
        a bare name), `distribution` (name or glob of one, normalised if it has a hub; None if the key
        cannot be for one), `glob` (string, or None for the whole of it), `package` and `target` (None for
        all below the package; both None if the key cannot be for a target). A key with a repository can be for
        either; which one, the closure of an image tells. Fails for anything else.
    """
    repository, slashes, rest = key.partition("//")
    if not slashes or "/" in repository or ":" in repository:
        return _parse_bare(key)
    if repository and not repository.startswith("@"):
        _fail(key)
    repository = repository.lstrip("@")
    package, colon, name = rest.partition(":")
    if colon and not name:
        _fail(key)
    if package == "..." or package.endswith("/..."):
        if colon:
            _fail(key)
        return _key(repository, package = package[:-len("...")].rstrip("/"))
    target = name or package.split("/")[-1]
    is_target = target and "*" not in rest and not package.startswith("/") and not package.endswith("/")
    distribution = _distribution(package) if repository else None
    if not is_target and not distribution:
        _fail(key)

    # A hub's target has the name of its package, or `pkg`.
    whole = name in ["", "pkg"] or normalize_distribution(name) == distribution
    return _key(
        repository,
        distribution = distribution,
        glob = None if whole or not distribution else name,
        package = package if is_target else None,
        target = target if is_target else None,
    )

def _parse_bare(key):
    """A package by its name alone, as its ecosystem spells it: `NAME` or `@SCOPE/NAME`, and a glob of its files."""
    package, colon, glob = key.partition(":")
    segments = package.removeprefix("@").split("/")
    if len(segments) != (2 if package.startswith("@") else 1) or (colon and not glob):
        _fail(key)
    for segment in segments:
        letters = [char for char in segment.lower().elems() if char not in _LETTERS_AND_MARKS and char not in _MORE_MARKS]
        if not segment or "**" in segment or letters:
            _fail(key)
    return _key(None, distribution = package, glob = glob or None)

def _key(repository, *, distribution = None, glob = None, package = None, target = None):
    return struct(repository = repository, distribution = distribution, glob = glob, package = package, target = target)

def _distribution(package):
    distribution = normalize_distribution(package)
    for letter in distribution.elems():
        if letter not in _LETTERS_AND_MARKS:
            return None
    return distribution or None

def _fail(key):
    fail("attribute groups: {} is not a key of a group; {}".format(repr(key), _FORMS))

def output_name(file):
    """The name of a generated file in its package, besides that of the target that makes it.

    Args:
        file: File.

    Returns:
        A string; None for a source file, whose label has its name.
    """
    if file.is_source:
        return None
    path = file.short_path
    if path.startswith("../"):
        path = path.split("/", 2)[2]
    return path.removeprefix(file.owner.package + "/")

def is_for(key, label, output = None):
    """Whether a key names a target or a file by its label.

    Args:
        key: struct with `repository`, `package` and `target`.
        label: Label.
        output: string, `output_name` of a file of the target. Default None.

    Returns:
        bool.
    """
    if key.package == None or key.repository != module_of(label):
        return False
    if key.target:
        return key.package == label.package and key.target in [label.name, output]
    return not key.package or (label.package + "/").startswith(key.package + "/")
