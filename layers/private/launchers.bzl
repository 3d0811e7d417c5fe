"""Where the launchers of an image are, which share one runfiles tree."""

load(":label_text.bzl", "module_of")
load(":layer.bzl", "run_layer_tool")
load(":layout.bzl", "layout_at", "runfiles_path")
load(":names.bzl", "short_stem")

visibility(["//js/...", "//layers/...", "//py/..."])

def place_launchers(ctx, tier, binaries, launcher_dir, linked_to = None):
    """Gives the launchers of an image their places.

    Args:
        ctx: the context of a rule with `LAYER_TOOL`.
        tier: `LayerTierInfo`.
        binaries: list of Target.
        launcher_dir: string, absolute path of the directory for several launchers; empty: one
            launcher is where the tier says.
        linked_to: runfiles, or None. If they have a launcher, it is a link to its place there. A
            program finds the libraries that it is linked with (`$ORIGIN`) by its real path, and
            its runfiles by the name that it was started with.

    Returns:
        A struct of `files` (dict of path in the image to File) and `links` (dict of path in
        the image to the target of a symlink).
    """
    layout = layout_at(tier.root)
    files = {}
    links = {}
    for binary in binaries:
        path = launcher_at(tier, binary.label, launcher_dir)
        if path in files or path in links:
            fail("attribute binaries: two launchers are at {}, one of them that of {}; rename it".format(path, binary.label))
        executable = binary[DefaultInfo].files_to_run.executable
        if linked_to and executable in linked_to.files.to_list():
            links[path] = "{}.runfiles/{}".format(path.split("/")[-1], runfiles_path(executable, ctx.workspace_name))
        else:
            files[path] = executable
        if path != layout.launcher:
            # A launcher looks for the tree beside itself.
            links[path + ".runfiles"] = relative_link(path, layout.runfiles)

    mapping = repo_mapping(ctx, binaries)
    if mapping:
        files[layout.runfiles + "/_repo_mapping"] = mapping
    return struct(files = files, links = links)

def launcher_at(tier, label, launcher_dir):
    """The path of a launcher in the image.

    Args:
        tier: `LayerTierInfo`.
        label: Label of the binary.
        launcher_dir: string, as of `place_launchers`.

    Returns:
        A string, an absolute path.
    """
    if launcher_dir:
        return "{}/{}".format(launcher_dir.rstrip("/"), label.name)
    below = "/".join([part for part in [label.package, label.name] if part])
    paths = [below]
    if label.repo_name:
        paths = ["../{}/{}".format(name, below) for name in [label.repo_name, module_of(label)] if name]
    for path in paths:
        if tier.strip_prefix and path.startswith(tier.strip_prefix + "/"):
            return tier.root + path[len(tier.strip_prefix):]
    return tier.root

def relative_link(path, target):
    """The target of a relative link.

    Args:
        path: string, absolute path of the link.
        target: string, absolute path of what it leads to.

    Returns:
        A string.
    """
    return "../" * (path.count("/") - 1) + target.lstrip("/")

def repo_mapping(ctx, binaries):
    """The repository mapping of the runfiles tree that binaries share.

    Args:
        ctx: the context of a rule with `LAYER_TOOL`.
        binaries: list of Target.

    Returns:
        File, or None.
    """
    mappings = [
        binary[DefaultInfo].files_to_run.repo_mapping_manifest
        for binary in binaries
        if getattr(binary[DefaultInfo].files_to_run, "repo_mapping_manifest", None)
    ]
    if len(mappings) < 2:
        return mappings[0] if mappings else None
    merged = ctx.actions.declare_file(short_stem(ctx.label.name + "_binaries") + ".repo_mapping")
    args = ctx.actions.args()
    args.add("repo-mapping")
    args.add("--output", merged)
    args.add_all(mappings)
    run_layer_tool(
        ctx,
        arguments = [args],
        inputs = mappings,
        outputs = [merged],
        mnemonic = "ImageRepoMapping",
        progress_message = "Merging repository mappings for %{label}",
        execution_requirements = {"supports-path-mapping": ""},
    )
    return merged
