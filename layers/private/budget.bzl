"""How many layers an image has: `layer_budget` of a tier."""

visibility("//layers/...")

# Sizes are known only after the build. In wheels a shared object has, on average, about as
# many bytes as this many other files.
_OTHERS_IN_A_SHARED_OBJECT = 100

def within_budget(tier, groups):
    """Gives the largest distributions of the packages layer layers of their own.

    One distribution more takes the place of at most one other, so all but two layers stay.

    Args:
        tier: `LayerTierInfo`.
        groups: dict of group to its fragments, a list of structs as of `assemble`; all in
            the order of the image.

    Returns:
        A list of structs of `name`, `group` and `fragments`. Fails if the groups alone are more
        than the budget.
    """
    layers = [
        struct(group = group, fragments = fragments, name = group)
        for group, fragments in groups.items()
    ]
    if not tier.layer_budget:
        return layers

    own = [layer for layer in tier.own_layers if layer not in groups]
    spare = tier.layer_budget - len(layers) - len(own)
    if spare < 0:
        fail("attribute layer_budget of {}: {} is less than the {} layers of this image, {} and {}; raise it, or merge groups".format(
            tier.label,
            tier.layer_budget,
            len(layers) + len(own),
            ", ".join([repr(name) for name in (groups.keys() + own)[:-1]]),
            repr(own[-1]),
        ))
    packages = tier.packages_group
    distributions = {}
    for fragment in groups.get(packages, []):
        distributions.setdefault(fragment.unit.name, []).append(fragment)
    if len(distributions) <= spare + (0 if packages in tier.own_layers else 1):
        alone = distributions.keys()
    else:
        alone = sorted(distributions, key = lambda name: (-_weight(distributions[name]), name))[:spare]
    solos = [
        struct(
            group = packages,
            fragments = fragments,
            name = "{}.{}".format(packages, name.replace(" ", "_").replace("/", "+")),
        )
        for name, fragments in distributions.items()
        if name in alone
    ]
    others = [
        fragment
        for name, fragments in distributions.items()
        if name not in alone
        for fragment in fragments
    ]
    return (
        [layer for layer in layers if layer.group != packages] +
        solos +
        ([struct(group = packages, fragments = others, name = packages)] if others else [])
    )

def _weight(fragments):
    weight = 0
    for fragment in fragments:
        for file in fragment.compressed.files.to_list():
            weight += _OTHERS_IN_A_SHARED_OBJECT if ".so" in file.basename else 1
    return weight
