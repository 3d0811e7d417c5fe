"""The aspect that finds npm packages, and compresses them once."""

load("//layers:toolchain.bzl", "LAYER_TOOL")
load("//layers/private:declared_links.bzl", "targets_of")
load(":layer_groups.bzl", "TIER_GROUPS")
load(":layer_tier.bzl", "JsLayerTierInfo", "PACKAGES", "declare_package_fragment", "package_fragment_key")

visibility(["//js/..."])

JsPackagesInfo = provider(
    doc = "The third-party npm packages in a target's closure.",
    fields = {
        "directory": "File or None: the folder in the store of the package that the target is.",
        "fragments": "depset of structs of `declare_package_fragment`: what all images share.",
    },
)

_EDGES = ["actual", "data", "deps", "src", "srcs"]

# rules_js gives this output group to every target that stands for a package. So its
# providers, and rules_js itself, need not be known here.
_OUTPUT_GROUP = "package_directory"

_STORE = ".aspect_rules_js/"

def _directory(target):
    if OutputGroupInfo not in target or not hasattr(target[OutputGroupInfo], _OUTPUT_GROUP):
        return None
    directories = getattr(target[OutputGroupInfo], _OUTPUT_GROUP).to_list()
    return directories[0] if len(directories) == 1 and directories[0].is_directory else None

def _stem(directory):
    """What the names of a fragment's outputs begin with.

    A package's tree is declared at two targets, `X` and `X/pkg`, in shared actions. By the
    tree's path these declare one fragment, in shared actions as well.
    """
    return _STORE + directory.short_path.rpartition("/" + _STORE)[2]

def _packages_aspect_impl(target, ctx):
    children = [
        dep[JsPackagesInfo]
        for edge in _EDGES
        for dep in targets_of(getattr(ctx.rule.attr, edge, None))
        if JsPackagesInfo in dep
    ]
    directory = _directory(target)
    fragments = {}

    # Those that depend on the package's own target, and stand for it, have it from there.
    if (
        directory and
        directory.path not in [child.directory.path for child in children if child.directory] and
        TIER_GROUPS[PACKAGES]("/{}/".format(directory.short_path))
    ):
        tier = ctx.attr._layer_tier[JsLayerTierInfo]
        for form in [tier] + tier.variants:
            if form.store == None:
                continue
            key = package_fragment_key(form, directory)
            if key not in fragments:
                fragments[key] = declare_package_fragment(ctx, stem = _stem(directory), tier = form, tree = directory)
    return [JsPackagesInfo(
        directory = directory,
        fragments = depset(fragments.values(), transitive = [child.fragments for child in children]),
    )]

packages_aspect = aspect(
    implementation = _packages_aspect_impl,
    doc = "Collects third-party npm packages, whose fragments it declares at their own targets.",
    attr_aspects = _EDGES,
    attrs = {
        "_layer_tier": attr.label(default = "//js:layer_tier", providers = [JsLayerTierInfo]),
    },
    provides = [JsPackagesInfo],
    toolchains = LAYER_TOOL,
)
