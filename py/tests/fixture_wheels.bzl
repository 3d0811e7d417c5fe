"""Rules whose targets are as those of aspect_rules_py: installed wheels, and a venv over them.

What recognises them goes by the names of output groups, rules and attributes, so these are
the same.
"""

_SITE_PACKAGES = "lib/python3.11/site-packages"

def _install(ctx, name):
    tree = ctx.actions.declare_directory(name)
    ctx.actions.run_shell(
        command = """\
for file in "${@:2}"; do
  mkdir -p "$1/$(dirname "$file")" && echo "$file" > "$1/$file"
done
""",
        arguments = [tree.path] + ["{}/{}".format(_SITE_PACKAGES, file) for file in ctx.attr.files],
        outputs = [tree],
    )
    return tree

_ATTRS = {
    "files": attr.string_list(doc = "Paths below site-packages."),
    "src": attr.label(allow_single_file = True),
}

def _whl_install_impl(ctx):
    tree = _install(ctx, ctx.label.name + ".install")
    return [
        DefaultInfo(runfiles = ctx.runfiles([tree])),
        OutputGroupInfo(install_dir = depset([tree])),
    ]

whl_install = rule(
    implementation = _whl_install_impl,
    attrs = _ATTRS,
)

def _py_unpacked_wheel_impl(ctx):
    tree = _install(ctx, ctx.label.name)
    return DefaultInfo(files = depset([tree]), runfiles = ctx.runfiles([tree]))

py_unpacked_wheel = rule(
    implementation = _py_unpacked_wheel_impl,
    attrs = _ATTRS,
)

def _python_transition_impl(_settings, attr):
    return {"//py/tests:python_version": attr.python_version}

_python_transition = transition(
    implementation = _python_transition_impl,
    inputs = [],
    outputs = ["//py/tests:python_version"],
)

_PYTHON_TOOLCHAIN = "@rules_python//python:toolchain_type"

def _py_venv_impl(ctx):
    runtime = ctx.toolchains[_PYTHON_TOOLCHAIN].py3_runtime
    site_packages = "{}/{}/".format(ctx.label.name, _SITE_PACKAGES)
    merged = ctx.actions.declare_directory(site_packages + "merged")
    ctx.actions.run_shell(
        command = "echo merged > $1/__init__.py",
        arguments = [merged.path],
        outputs = [merged],
    )
    link = ctx.actions.declare_symlink(site_packages + "linked")
    up = 1 + ctx.label.package.count("/") + 1 + site_packages.count("/")
    ctx.actions.symlink(output = link, target_path = "../" * up + "elsewhere/linked")
    return DefaultInfo(runfiles = ctx.runfiles([merged, link], transitive_files = runtime.files).merge_all([
        dep[DefaultInfo].default_runfiles
        for dep in ctx.attr.deps
    ]))

py_venv = rule(
    implementation = _py_venv_impl,
    attrs = {
        "deps": attr.label_list(),
        "python_version": attr.string(),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    cfg = _python_transition,
    toolchains = [_PYTHON_TOOLCHAIN],
)
