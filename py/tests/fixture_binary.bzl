"""A binary whose runfiles hold one of everything that a runfiles tree can hold."""

load("@rules_python//python:py_runtime_info.bzl", "PyRuntimeInfo")

def _fixture_binary_impl(ctx):
    launcher = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(launcher, "launcher\n", is_executable = True)

    tree = ctx.actions.declare_directory(ctx.label.name + ".tree")
    ctx.actions.run_shell(
        command = """\
mkdir -p "$1/b b/c" && echo two > "$1/b b/2" && echo three > "$1/b b/c/3"
echo one > "$1/a" && ln -s a "$1/link"
""",
        arguments = [tree.path],
        # A cache may bring copies in the place of links.
        execution_requirements = {"no-cache": "1"},
        outputs = [tree],
    )

    # As a venv's bin/python3: right in the runfiles, dangling in the output tree.
    link = ctx.actions.declare_symlink(ctx.label.name + ".venv/bin/python3")
    ctx.actions.symlink(output = link, target_path = "../../../../../test_interpreter/bin/python3")

    runfiles = ctx.runfiles(
        files = [launcher, tree, link] + ctx.files.data,
        symlinks = {"links/by name": ctx.file.symlink_target},
        root_symlinks = {"at_root": ctx.file.symlink_target},
    ).merge_all([
        dep[DefaultInfo].default_runfiles
        for dep in ctx.attr.deps + ctx.attr.implicit + ([ctx.attr.venv] if ctx.attr.venv else [])
    ])
    if ctx.file.linked:
        # As the venv of rules_python has a shared object.
        name = ctx.file.linked.basename
        runfiles = runfiles.merge(ctx.runfiles(
            symlinks = {"venv/a b/" + name: ctx.file.linked},
            root_symlinks = {
                "{}/{}.venv/{}".format(ctx.workspace_name, ctx.label.name, name): ctx.file.linked,
                "{}/links/{}".format(ctx.file.linked.owner.repo_name, name): ctx.file.linked,
                name: ctx.file.linked,
            },
        ))

    # That of aspect_rules_py has none; its venv does.
    runtimes = [ctx.attr.runtime[PyRuntimeInfo]] if ctx.attr.runtime else []
    return runtimes + [
        DefaultInfo(
            executable = launcher,
            runfiles = runfiles.merge(ctx.runfiles(transitive_files = depset(transitive = [runtime.files for runtime in runtimes]))),
        ),
        RunEnvironmentInfo(environment = ctx.attr.env),
    ]

fixture_binary = rule(
    implementation = _fixture_binary_impl,
    attrs = {
        "data": attr.label_list(allow_files = True),
        "deps": attr.label_list(),
        "env": attr.string_dict(),
        "implicit": attr.label_list(doc = "What no aspect goes along, as implicit attributes and toolchains."),
        "linked": attr.label(allow_single_file = True),
        "runtime": attr.label(providers = [PyRuntimeInfo]),
        "symlink_target": attr.label(allow_single_file = True),
        "venv": attr.label(),
    },
    executable = True,
)
