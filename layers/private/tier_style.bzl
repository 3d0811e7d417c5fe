"""The names of the layers of a tier, and what images of one language have in common."""

load(":layout.bzl", "DEFAULT_ROOT")
load(":manifest.bzl", "DEFAULT_MODES", "DEFAULT_MTIME")
load(":tier.bzl", "RESERVED")

visibility(["//js/...", "//layers/...", "//py/..."])

# The layers that are there without any group; a tier can name the first otherwise.
INTERPRETER = "interpreter"
PACKAGES = "packages"
DEFAULT = "default"

# The output groups that are no layer or have several, to what a group of that name is: no group
# can have it.
OUTPUT_GROUPS = RESERVED | {name: "an output group of its own" for name in ["deps", "groups", "sources"]}

def tier_style(*, flag, interpreter, packages, own, compresses_own = True, keeps_packages = False, root = DEFAULT_ROOT, store = "", modes = DEFAULT_MODES, mtime = DEFAULT_MTIME):
    """What images of one language have in common, and the names of the layers of a tier there.

    Args:
        flag: string, the flag that names the tier of all of them.
        interpreter: string, the layer of interpreters.
        packages: string, the layer of packages in no group.
        own: dict of the layers that belong to one image each, to what they are (for messages).
        compresses_own: bool, whether the tier says how the layers in `own` are compressed.
        keeps_packages: bool, whether the layer of packages is written even if it is empty.
        root: string, path of a launcher unless the tier says otherwise.
        store: string, as that of `LayerTierInfo`.
        modes: string, as of `new_manifest`.
        mtime: int.

    Returns:
        A struct of these.
    """
    return struct(compresses_own = compresses_own, flag = flag, interpreter = interpreter, keeps_packages = keeps_packages, modes = modes, mtime = mtime, own = own, packages = packages, root = root, store = store)

STYLE = tier_style(flag = "//py:layer_tier", interpreter = INTERPRETER, packages = PACKAGES, own = {DEFAULT: "the layer of what is in no group"})

def own_layers(style):
    """The layers that every image has, even if they are empty.

    Args:
        style: struct of `tier_style`.

    Returns:
        A list of string.
    """
    return style.own.keys() + ([style.packages] if style.keeps_packages else [])

def taken_names(style):
    """The names that a group cannot have, to what each is (for messages).

    Args:
        style: struct of `tier_style`.

    Returns:
        A dict of string.
    """
    return style.own | OUTPUT_GROUPS
