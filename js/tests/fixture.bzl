"""Rules that lay files out as rules_js does, so that the tests need no rules_js.

- A package is a tree at node_modules/.aspect_rules_js/STORE/node_modules/PACKAGE.
- A package has two targets, `X` and `X/pkg`, that declare its tree, in shared actions. Members
  of a cycle depend on all `X/pkg` of their closure, and other packages on `X`.
- Everything else below node_modules is a declared symlink with a relative target: to
  packages from the packages that depend on them, and from the folders that use them.
- The target of a package has the output group `package_directory`, and packages are
  reached through `data`, `deps`, `src` and `srcs`.
- A first-party package is in a store `NAME@0.0.0`, as a tree or as a link to its folder.
- The files of an application are copied to the output folder.
"""

StoreInfo = provider(
    doc = "A package in the store.",
    fields = {
        "directory": "File: the package's tree, or a link to its folder.",
        "package": "string: the name that it is imported by. Example: `@scope/name`.",
        "transitive": "depset of File: all that it needs at run time.",
    },
)

_ROOT = "node_modules/.aspect_rules_js/"

def _relative(target, link):
    """The path of an output from the folder of another."""
    target = target.split("/")
    folder = link.split("/")[:-1]
    common = 0
    for a, b in zip(target, folder):
        if a != b:
            break
        common += 1
    return "/".join([".."] * (len(folder) - common) + target[common:])

def _link(ctx, path, target):
    link = ctx.actions.declare_symlink(path)
    ctx.actions.symlink(output = link, target_path = _relative(target, link.path))
    return link

def _store_path(store, package):
    return _ROOT + store + "/node_modules/" + package

def _package_directory(directory):
    """The output group that rules_js has for what is no link."""
    return [OutputGroupInfo(package_directory = depset([directory]))] if directory.is_directory else []

def _package_impl(ctx):
    path = _store_path(ctx.attr.store, ctx.attr.package)
    files = []
    if ctx.attr.linked_folder:
        directory = _link(ctx, path, ctx.bin_dir.path + "/" + ctx.label.package + "/" + ctx.attr.linked_folder)
        files.extend(_copies(ctx, ctx.files.srcs))
    else:
        directory = ctx.actions.declare_directory(path)
        args = ctx.actions.args()
        args.add(directory.path)
        args.add(ctx.attr.strip_prefix)
        args.add_all(ctx.files.srcs)
        args.use_param_file("%s", use_always = True)
        args.set_param_file_format("multiline")
        ctx.actions.run_shell(
            command = """\
{ read -r out; read -r prefix
  while read -r file; do
    to=$out/${file##*"$prefix"}
    mkdir -p "${to%/*}"
    cp -L "$file" "$to"
  done; } <"$1"
""",
            arguments = [args],
            inputs = ctx.files.srcs,
            outputs = [directory],
        )

    transitive = []
    for dep, aliases in ctx.attr.deps.items():
        for alias in aliases.split(","):
            name = alias or dep[StoreInfo].package
            links = [_store_path(ctx.attr.store, name)]
            if ctx.attr.linked_folder:
                # Node.js looks from where the files really are.
                links.append(ctx.attr.linked_folder + "/node_modules/" + name)
            files.extend([_link(ctx, link, dep[StoreInfo].directory.path) for link in links])
        transitive.append(dep[StoreInfo].transitive)
    return [
        DefaultInfo(files = depset([directory])),
        StoreInfo(
            directory = directory,
            package = ctx.attr.package,
            transitive = depset([directory] + files, transitive = transitive),
        ),
    ] + _package_directory(directory)

fixture_package = rule(
    implementation = _package_impl,
    doc = "A package and the links to what it depends on.",
    attrs = {
        "deps": attr.label_keyed_string_dict(
            doc = "Packages to the names that they are imported by, or to an empty string for their own.",
            providers = [StoreInfo],
        ),
        "linked_folder": attr.string(doc = "Link to this folder of outputs instead of copying the sources."),
        "package": attr.string(mandatory = True),
        "srcs": attr.label_list(allow_files = True),
        "store": attr.string(mandatory = True),
        "strip_prefix": attr.string(doc = "A file stands in the package by what follows the last of this in its path."),
    },
)

def _store_of(directory):
    return directory.path.split(_ROOT)[1].split("/node_modules/")[0]

def _cycle_impl(ctx):
    files = []
    stores = {_store_of(dep[StoreInfo].directory): dep[StoreInfo] for dep in ctx.attr.deps}
    for dep, others in ctx.attr.deps.items():
        for other in others.split(",") if others else []:
            info = stores[other]
            files.append(_link(ctx, _store_path(_store_of(dep[StoreInfo].directory), info.package), info.directory.path))
    return [
        DefaultInfo(),
        StoreInfo(
            directory = ctx.attr.src[StoreInfo].directory,
            package = ctx.attr.src[StoreInfo].package,
            transitive = depset(files, transitive = [dep[StoreInfo].transitive for dep in ctx.attr.deps]),
        ),
    ] + _package_directory(ctx.attr.src[StoreInfo].directory)

fixture_cycle = rule(
    implementation = _cycle_impl,
    doc = """A package whose dependencies depend on it: as in rules_js, it declares all links of its
closure, and so does every other member, each as Files of its own for the same paths.""",
    attrs = {
        "deps": attr.label_keyed_string_dict(
            doc = "The `X/pkg` of the closure, to the stores that each depends on.",
            providers = [StoreInfo],
        ),
        "src": attr.label(
            doc = "The one of them that the target stands for.",
            mandatory = True,
            providers = [StoreInfo],
        ),
    },
)

def _copies(ctx, files):
    copies = []
    for file in files:
        if not file.is_source or file.owner.repo_name:
            copies.append(file)
            continue
        copy = ctx.actions.declare_file(file.short_path[len(ctx.label.package) + 1:] if ctx.label.package else file.short_path)
        ctx.actions.run_shell(
            command = 'cp "$1" "$2"',
            arguments = [file.path, copy.path],
            inputs = [file],
            outputs = [copy],
        )
        copies.append(copy)
    return copies

_LAUNCHER = "#!/usr/bin/env bash" + """

set -o errexit -o nounset

export JS_BINARY__BINDIR="{bindir}"
export JS_BINARY__TARGET_CPU="{cpu}"

cd "$BAZEL_BINDIR"
here=$(cd "$(dirname "${{BASH_SOURCE[0]}}")" && pwd)
runfiles=${{RUNFILES_DIR:-$here/{name}.runfiles}}
exec "$runfiles"/*/{node} "$runfiles/{workspace}/{entry_point}" "$@"
"""

def _js_binary_impl(ctx):
    entry_point = _copies(ctx, [ctx.file.entry_point])[0]
    launcher = ctx.actions.declare_file("{0}_/{0}".format(ctx.label.name))
    ctx.actions.write(
        launcher,
        _LAUNCHER.format(
            bindir = ctx.bin_dir.path,
            cpu = ctx.var["TARGET_CPU"],
            entry_point = entry_point.short_path,
            name = ctx.label.name,
            # Releases of Bazel spell the repository's name differently.
            node = ctx.file.node.short_path.split("/", 2)[2],
            workspace = ctx.workspace_name,
        ),
        is_executable = True,
    )
    files = [launcher, entry_point, ctx.file.node] + ctx.files.uncopied_data + _copies(ctx, ctx.files.data)
    transitive = []
    for dep, alias in ctx.attr.deps.items():
        files.append(_link(ctx, "node_modules/" + (alias or dep[StoreInfo].package), dep[StoreInfo].directory.path))
        transitive.append(dep[StoreInfo].transitive)
    runfiles = ctx.runfiles(
        files,
        root_symlinks = {path: target.files.to_list()[0] for target, path in ctx.attr.root_symlinks.items()},
        symlinks = {path: target.files.to_list()[0] for target, path in ctx.attr.symlinks.items()},
        transitive_files = depset(transitive = transitive),
    )
    return [DefaultInfo(
        executable = launcher,
        runfiles = runfiles.merge_all([target[DefaultInfo].default_runfiles for target in ctx.attr.data + ctx.attr.uncopied_data]),
    )]

fixture_js_binary = rule(
    implementation = _js_binary_impl,
    doc = "An application with its packages, and its Node.js.",
    attrs = {
        "data": attr.label_list(allow_files = True),
        "deps": attr.label_keyed_string_dict(
            doc = "Packages to the names that the application imports them by, or to an empty string for their own.",
            providers = [StoreInfo],
        ),
        "entry_point": attr.label(allow_single_file = True, mandatory = True),
        "node": attr.label(doc = "A file of an external repository.", allow_single_file = True, mandatory = True),
        "root_symlinks": attr.label_keyed_string_dict(doc = "Files to paths below the runfiles.", allow_files = True),
        "symlinks": attr.label_keyed_string_dict(doc = "Files to paths below the main repository in the runfiles.", allow_files = True),
        "uncopied_data": attr.label_list(doc = "What stays where it is checked in.", allow_files = True),
    },
    executable = True,
)

def _node_toolchain_impl(ctx):
    nodeinfo = struct(node = ctx.file.node)
    return [
        DefaultInfo(files = depset([ctx.file.node, ctx.file.npm])),
        platform_common.ToolchainInfo(nodeinfo = nodeinfo),
    ]

fixture_node_toolchain = rule(
    implementation = _node_toolchain_impl,
    doc = "A Node.js and its npm, as `@rules_nodejs//nodejs:current_node_runtime` has them.",
    attrs = {
        "node": attr.label(allow_single_file = True, mandatory = True),
        "npm": attr.label(allow_single_file = True, mandatory = True),
    },
)

def _tree_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.label.name)
    args = ctx.actions.args()
    args.add_all([tree], expand_directories = False)
    args.add_all(ctx.attr.files)
    ctx.actions.run_shell(
        command = """\
out=$1; shift
for file; do
  mkdir -p "$out/$(dirname "${file% -> *}")"
  case $file in
    *" -> "*) ln -s "${file#* -> }" "$out/${file% -> *}" ;;
    *) basename "$file" >"$out/$file" ;;
  esac
done
""",
        arguments = [args],
        # A cache may bring copies in the place of links.
        execution_requirements = {"no-cache": "1"},
        outputs = [tree],
    )
    return [DefaultInfo(files = depset([tree]))]

fixture_tree = rule(
    implementation = _tree_impl,
    doc = "A tree that is no package.",
    attrs = {
        "files": attr.string_list(
            doc = "Paths of files with their names in them, or `PATH -> TARGET`.",
            default = ["a", "sub/b c", "sub/é/d"],
        ),
    },
)

def _declared_link_impl(ctx):
    return [DefaultInfo(files = depset([_link(ctx, ctx.label.name, ctx.bin_dir.path + "/" + ctx.file.target.short_path)]))]

fixture_link = rule(
    implementation = _declared_link_impl,
    doc = "A declared symlink to the copy of a file: rules_js preserves links below node_modules only.",
    attrs = {"target": attr.label(allow_single_file = True, mandatory = True)},
)
