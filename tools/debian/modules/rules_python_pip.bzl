"""rules_python's `pip` extension with today's attributes, over the packaged whl_library."""

load("@pythons_hub//:interpreters.bzl", "INTERPRETER", "VERSION")
load("//python/pip_install:pip_repository.bzl", "locked_requirements_label", "pip_repository_bzlmod", "use_isolated", "whl_library")
load("//python/pip_install:requirements_parser.bzl", parse_requirements = "parse")

def _pip_impl(mctx):
    for mod in mctx.modules:
        for attr in mod.tags.parse:
            if attr.python_version != VERSION:
                fail("pip.parse(hub_name = \"{}\", python_version = \"{}\") in {}: Debian's packaged Bazel has Python {} only; use that, or a Bazel that reaches its registry".format(
                    attr.hub_name,
                    attr.python_version,
                    mod.name,
                    VERSION,
                ))
            lock = locked_requirements_label(mctx, attr)
            parsed = parse_requirements(mctx.read(lock))

            # Repositories are named as in rules_python: HUB_311_PACKAGE.
            repo = "{}_{}".format(attr.hub_name, attr.python_version.replace(".", ""))
            pip_repository_bzlmod(
                name = attr.hub_name,
                incompatible_generate_aliases = True,
                repo_name = repo,
                requirements_lock = lock,
            )
            for package, requirement in parsed.requirements:
                whl_library(
                    name = "{}_{}".format(repo, package.replace("-", "_").replace(".", "_").lower()),
                    download_only = attr.download_only,
                    environment = attr.environment,
                    extra_pip_args = attr.extra_pip_args + parsed.options,
                    isolated = use_isolated(mctx, attr),
                    python_interpreter_target = INTERPRETER,
                    repo = repo,
                    repo_prefix = repo + "_",
                    requirement = requirement,
                )

pip = module_extension(
    implementation = _pip_impl,
    tag_classes = {
        "parse": tag_class(attrs = {
            "download_only": attr.bool(),
            "environment": attr.string_dict(),
            "extra_pip_args": attr.string_list(),
            "hub_name": attr.string(mandatory = True),
            "isolated": attr.bool(default = True),
            "python_version": attr.string(mandatory = True),
            "requirements_darwin": attr.label(),
            "requirements_linux": attr.label(),
            "requirements_lock": attr.label(),
            "requirements_windows": attr.label(),
        }),
    },
)
