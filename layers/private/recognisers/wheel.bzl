"""The wheel that a target of aspect_rules_py installs."""

load("//layers/private:recognisers/recognised.bzl", "apparent_name")

visibility(["//layers/..."])

# aspect_rules_py's uv has a repository for each wheel: whl_install__PROJECT__NAME__VERSION.
_UV_REPOSITORY = "whl_install__"

def wheel_of(target, ctx):
    """The name and version of the wheel that a target installs.

    Args:
        target: Target.
        ctx: the context of an aspect on it.

    Returns:
        A pair of strings.
    """

    # NAME-VERSION-....whl (PEP 427).
    for file in getattr(ctx.rule.files, "src", []):
        if file.extension == "whl":
            name, _, rest = file.basename.partition("-")
            return name, rest.split("-")[0]
    _, _, wheel = target.label.repo_name.partition(_UV_REPOSITORY)
    parts = wheel.split("__")
    if len(parts) > 2:
        # Of the version, letters that no repository has are lost.
        return parts[1], ""
    return apparent_name(target.label.repo_name) or target.label.name, ""
