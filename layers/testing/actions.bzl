"""What tests ask of actions."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest")

visibility(["//image/...", "//js/...", "//layers/...", "//py/..."])

def action_inputs(action):
    """All inputs but the tool, its runfiles (Bazel 7's middleman) and parameter files.

    Args:
        action: an action of layer_tool.

    Returns:
        A list of string: the short paths, sorted.
    """
    tool = action.argv[0]
    return sorted([
        file.short_path
        for file in action.inputs.to_list()
        if file.path != tool and not file.path.endswith((".params", "-runfiles", ".runfiles"))
    ])

def first_action(env, mnemonic):
    """The first action of the target under test.

    Args:
        env: struct of `analysistest.begin`.
        mnemonic: string.

    Returns:
        An action.
    """
    return [
        action
        for action in analysistest.target_actions(env)
        if action.mnemonic == mnemonic
    ][0]

def flag_values(action, flag):
    """What an action is given by a flag.

    Args:
        action: an action.
        flag: string.

    Returns:
        A list of string.
    """
    return [
        action.argv[at + 1]
        for at, argument in enumerate(action.argv)
        if argument == flag
    ]
