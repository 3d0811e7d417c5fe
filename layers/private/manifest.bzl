"""Lines of an mtree manifest (mtree(5)) from Files, for Args.

Every function that is a `map_each` gives a line without the folder it goes to:
`format_each` puts that in front, so that no closure and no list of strings is
made at analysis, and path mapping still sees the Files.
"""

load(":label_text.bzl", "label_text")
load(":layout.bzl", "runfiles_path")

visibility(["//js/...", "//layers/...", "//py/..."])

# What an attribute tree_links can say.
TREE_LINKS = ["keep", "follow"]

# 2023-01-01T08:00:00Z, the time that bazel-lib's mtree_spec gives: a time of zero
# upsets programs that zip files.
DEFAULT_MTIME = 1672560000

DEFAULT_MODES = "mode=0755"

# vis(3) escapes of what would end a word or a line of the manifest.
_ESCAPES = [
    ("\\", "\\134"),
    (" ", "\\040"),
    ("#", "\\043"),
    ("\n", "\\012"),
    ("\r", "\\015"),
    ("\t", "\\011"),
]

def vis(path):
    """Escapes a path for a manifest.

    Args:
        path: string, a path.

    Returns:
        The path with vis(3) escapes.
    """
    for char, escape in _ESCAPES:
        if char in path:
            path = path.replace(char, escape)
    return path

def _content(file):
    """What stands at the path: the keywords type= and contents= for a File that is no link."""

    # The default is `type=artifact`: which source file is a folder only execution can tell.
    return (" type=tree contents=" if file.is_directory else " contents=") + vis(file.path)

def _is_link(file, links):
    """Whether what an action makes is written as a link if it is one.

    What merely lies there as a link, a source file or a genrule's output, is one by some strategies
    and so always written as a file.
    """
    if file.is_directory or file.is_source:
        return False
    return getattr(file, "is_symlink", links if type(links) == "bool" else file in links)

def _lines(links):
    """What add_all takes for each File or SymlinkEntry, by the argument `links` of `add_runfiles`."""

    def source(file):
        return (" links=keep" if links != False and _is_link(file, links) else "") + _content(file)

    def main(file):
        path = file.short_path
        return None if path.startswith("../") else vis(path) + source(file)

    def external(file):
        path = file.short_path
        return vis(path[len("../"):]) + source(file) if path.startswith("../") else None

    def main_symlink(entry):
        return None if _external_path(entry.path) else vis(entry.path) + source(entry.target_file)

    def external_symlink(entry):
        path = _external_path(entry.path)
        return vis(path) + source(entry.target_file) if path else None

    def root_symlink(entry):
        return vis(entry.path) + source(entry.target_file)

    return struct(
        external = external,
        external_symlink = external_symlink,
        main = main,
        main_symlink = main_symlink,
        root_symlink = root_symlink,
        source = source,
    )

def _external_path(path):
    """Path below the runfiles tree of what is not below the main repository, else None.

    Bazel spells it `../REPOSITORY/...`, and `external/REPOSITORY/...` with
    --legacy_external_runfiles; the tree itself has neither.
    """
    for prefix in ["../", "external/"]:
        if path.startswith(prefix):
            return path[len(prefix):]
    return None

def _link_line(path, depth, entry):
    """A link to where an external file stands in the runfiles tree, `depth` folders up."""
    target = "../" * depth + entry.target_file.short_path[len("../"):]
    return "{} type=link mode=0777 link={}".format(vis(path), vis(target))

def _main_link_line(entry):
    return None if _external_path(entry.path) else _link_line(entry.path, 1 + entry.path.count("/"), entry)

def _external_link_line(entry):
    path = _external_path(entry.path)
    return _link_line(path, path.count("/"), entry) if path else None

def _root_link_line(entry):
    return _link_line(entry.path, entry.path.count("/"), entry)

def _path_in_tree(path, workspace):
    return _external_path(path) or "{}/{}".format(workspace, path)

def _empty_lines(tree):
    paths = [_path_in_tree(path, tree.workspace) for path in tree.runfiles.empty_filenames.to_list()]
    return [vis(path) + " type=file size=0" for path in paths if not tree.takes or tree.takes(path)]

def symlink_paths(runfiles, workspace):
    """Where a runfiles tree has what its owners gave a path of its own.

    Args:
        runfiles: runfiles.
        workspace: string, the main repository's name in the tree (`_main`).

    Returns:
        A pair of dicts of path below the tree to File: of `symlinks`, in whose place a file of that path
        is, and of `root_symlinks`, which are in the place of one.
    """
    return (
        {_path_in_tree(entry.path, workspace): entry.target_file for entry in runfiles.symlinks.to_list()},
        {entry.path: entry.target_file for entry in runfiles.root_symlinks.to_list()},
    )

def _format(folder):
    """A format_each that puts lines below a folder of the image."""
    below = folder.strip("/")
    return "./" + vis(below).replace("%", "%%") + "/%s" if below else "./%s"

def new_manifest(ctx, owner, mtime, *, modes = DEFAULT_MODES, tree_links = "follow", label = None):
    """Starts a manifest: an Args whose lines are mtree(5).

    Args:
        ctx: the rule context.
        owner: string, `UID:GID` of every entry.
        mtime: int, seconds since the epoch, of every entry.
        modes: string, keywords for the modes of files, and where they are not the
            default also of folders (`dmode=`) and of outputs that are symlinks (`lmode=`).
        tree_links: string, what becomes of the links in a tree: `follow`, `listed` (by a manifest
            of `list_tree_links`) or `keep`.
        label: string, what an error names; None: the label of the target.

    Returns:
        An Args for `add_*` below, to be given as a parameter file or written.
    """
    uid, gid = owner.split(":")
    manifest = ctx.actions.args()
    manifest.set_param_file_format("multiline")
    manifest.add("#mtree")
    manifest.add("#label " + (label or label_text(ctx.label)))
    manifest.add("/set type=artifact links={} {} uid={} gid={} time={}".format(tree_links, modes, uid, gid, mtime))
    return manifest

def add_file(manifest, path, file, links = True):
    """Adds one File at a path of the image.

    Args:
        manifest: Args of `new_manifest`.
        path: string, absolute path in the image.
        file: File.
        links: as of `add_runfiles`.
    """
    manifest.add_all([file], map_each = _lines(links).source, allow_closure = True, expand_directories = False, format_each = _format(path)[:-len("/%s")] + "%s")

def add_link(manifest, path, target, mode = "0777"):
    """Adds a symlink.

    Args:
        manifest: Args of `new_manifest`.
        path: string, absolute path in the image.
        target: string, what the symlink says.
        mode: string, octal.
    """
    manifest.add("./{} type=link mode={} link={}".format(vis(path.strip("/")), mode, vis(target)))

def add_links(manifest, folder, target, workspace, *, files, path_of, mode = "0777"):
    """Adds a link from each file's place in a tree to that in another tree.

    Args:
        manifest: Args of `new_manifest`.
        folder: string, absolute path of the tree that has the links.
        target: string, absolute path of the other.
        workspace: string, the main repository's name in both (`_main`).
        files: list of File.
        path_of: function of a file's path in a tree to the path of the link.
        mode: string, octal.
    """
    start = "./" + vis(folder.strip("/")) + "/"
    end = " type=link mode={} link={}/".format(mode, vis(target))

    # A line has two paths, more than `format_each` can say.
    def line(file):
        path = vis(path_of(runfiles_path(file, workspace)))
        return start + path + end + path

    manifest.add_all(
        files,
        map_each = line,
        allow_closure = True,
        expand_directories = False,
    )

def add_runfiles(manifest, runfiles_dir, workspace, *, files, links = True, symlinks = [], root_symlinks = [], empty_files_of = None, empty_files_if = None):
    """Adds entries where a runfiles tree has them.

    Args:
        manifest: Args of `new_manifest`.
        runfiles_dir: string, absolute path of the runfiles tree in the image.
        workspace: string, the main repository's name in the tree (`_main`).
        files: depset or list of File.
        links: bool, whether an output that is a symlink is written as one; or a dict whose keys are the
            Files that `declared_links` tells of, which are, as are those that Bazel itself calls so.
        symlinks: depset or list of SymlinkEntry, below the main repository.
        root_symlinks: depset or list of SymlinkEntry, below the tree itself.
        empty_files_of: runfiles whose files without content are added. Bazel walks all of a tree
            to find them, which so waits until the manifest is written.
        empty_files_if: function of the path below the tree, or None: whether a file without
            content is added.
    """
    if not files and not symlinks and not root_symlinks and not empty_files_of:
        return
    main = _format(runfiles_dir + "/" + workspace)
    root = _format(runfiles_dir)
    lines = _lines(links)
    manifest.add_all(files, map_each = lines.main, allow_closure = True, expand_directories = False, format_each = main)
    manifest.add_all(files, map_each = lines.external, allow_closure = True, expand_directories = False, format_each = root)
    if symlinks:
        manifest.add_all(symlinks, map_each = lines.main_symlink, allow_closure = True, format_each = main)
        manifest.add_all(symlinks, map_each = lines.external_symlink, allow_closure = True, format_each = root)
    if root_symlinks:
        manifest.add_all(root_symlinks, map_each = lines.root_symlink, allow_closure = True, format_each = root)
    if empty_files_of:
        tree = struct(runfiles = empty_files_of, takes = empty_files_if, workspace = workspace)
        manifest.add_all([tree], map_each = _empty_lines, format_each = root)

def add_runfiles_links(manifest, runfiles_dir, workspace, *, symlinks, root_symlinks):
    """Adds links to files that stand elsewhere in the same runfiles tree, as links.

    Args:
        manifest: Args of `new_manifest`.
        runfiles_dir: string, absolute path of the runfiles tree in the image.
        workspace: string, the main repository's name in the tree (`_main`).
        symlinks: list of SymlinkEntry, below the main repository, to files of external ones.
        root_symlinks: list of SymlinkEntry, below the tree itself, to the same.
    """
    if not symlinks and not root_symlinks:
        return
    main = _format(runfiles_dir + "/" + workspace)
    root = _format(runfiles_dir)
    manifest.add_all(symlinks, map_each = _main_link_line, format_each = main)
    manifest.add_all(symlinks, map_each = _external_link_line, format_each = root)
    manifest.add_all(root_symlinks, map_each = _root_link_line, format_each = root)
