"""Folders with links, as actions make them."""

def _linked_trees_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.label.name + ".tree")
    beside = ctx.actions.declare_directory(ctx.label.name + ".beside")
    ctx.actions.run_shell(
        command = 'mkdir "$1/sub" && echo x >"$1/sub/x"',
        arguments = [beside.path],
        mnemonic = "LinkedTrees",
        outputs = [beside],
    )
    ctx.actions.run_shell(
        command = """\
cd "$1" && mkdir -p sub $3 build/node_gyp_bins && echo a >a && echo b >sub/b
ln -s a link && ln -s link chain && ln -s sub folder && ln -s ../a sub/up
ln -s "../$2/sub/x" leaves && ln -s "../../$2/sub/x" sub/leaves
ln -s /bin/sh build/node_gyp_bins/python3
""",
        arguments = [tree.path, beside.basename, "empty/deep" if ctx.attr.empty_folders else ""],
        execution_requirements = {"no-cache": "1"} if ctx.attr.empty_folders else {},
        inputs = [beside],
        mnemonic = "LinkedTrees",
        outputs = [tree],
    )
    return [DefaultInfo(files = depset([tree, beside]))]

linked_trees = rule(
    implementation = _linked_trees_impl,
    doc = """Two trees: NAME.tree, which has a link of each kind, and NAME.beside, which some lead to.

None that leaves it leads to a folder: Bazel 7 cannot bring such a tree from a cache for an action.
What node-gyp leaves in packages leads to a file that every machine has.""",
    attrs = {
        "empty_folders": attr.bool(
            doc = "Whether NAME.tree has some, which Bazel 7 does not bring from an executor or a cache.",
            default = True,
        ),
    },
)
