"""The transition to an image's target platform."""

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

_PLATFORMS = "//command_line_option:platforms"

def _platform_transition_impl(settings, attr):
    # Unset, the binary keeps the configuration that it has anyway and is not built twice.
    return {_PLATFORMS: str(attr.platform) if attr.platform else settings[_PLATFORMS]}

platform_transition = transition(
    implementation = _platform_transition_impl,
    inputs = [_PLATFORMS],
    outputs = [_PLATFORMS],
)
