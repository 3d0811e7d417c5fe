"""Analysis tests of the rule of all images: what is refused, and what a report has and a build has not."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//image/private:image.bzl", "image")
load("//layers:providers.bzl", "PlanInfo")
load("//layers/testing:failure.bzl", "failure_test")

def _plan_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    name = target.label.name

    # The base is lowest, then come the layers in their order; that of another target has a plan.
    actions = {action.outputs.to_list()[0].basename: action for action in analysistest.target_actions(env)}
    argv = actions[name + ".plan.json"].argv
    plans = [argv[at + 1].split("/")[-1] for at in range(len(argv)) if argv[at] == "--plan"]
    asserts.equals(env, [name + ".base.plan.json", name + "_0.plan.json", ctx.attr.layers + ".plan.json"], plans)
    info = target[PlanInfo]
    asserts.equals(env, [name + ".plan.json"], [file.basename for file in info.plans.to_list()])
    files = [file.basename for file in info.files.to_list()]
    asserts.equals(env, [name + ".base.files.json", name + "_0.files.json"], files[:2])

    # A build asks for none of it.
    read_by_build = [
        file.basename
        for action in actions.values()
        if action.mnemonic in ["ImageLayout", "ImageManifest"]
        for file in action.inputs.to_list()
        if file in info.files.to_list() + info.plans.to_list()
    ]
    asserts.equals(env, [], read_by_build)
    return analysistest.end(env)

_plan_test = analysistest.make(_plan_test_impl, attrs = {"layers": attr.string()})

def _platform_test_impl(ctx):
    env = analysistest.begin(ctx)
    argvs = [action.argv for action in analysistest.target_actions(env) if action.argv and "--platform" in action.argv]
    platforms = {argv[argv.index("--platform") + 1]: None for argv in argvs}
    asserts.equals(env, [ctx.attr.platform], platforms.keys())
    return analysistest.end(env)

_platform_test = analysistest.make(_platform_test_impl, attrs = {"platform": attr.string()})

# What images say of `@platforms//cpu`.
_PLATFORMS = {
    "aarch64": "linux/arm64",
    "arm": "linux/arm/v7",
    "armv7": "linux/arm/v7",
    "i386": "linux/386",
    "ppc64le": "linux/ppc64le",
    "riscv64": "linux/riscv64",
    "s390x": "linux/s390x",
    "x86_32": "linux/386",
    "x86_64": "linux/amd64",
}

def _platform_tests(name):
    for cpu in _PLATFORMS.keys() + ["ppc"]:
        native.platform(
            name = "{}_{}".format(name, cpu),
            constraint_values = ["@platforms//cpu:" + cpu, "@platforms//os:linux"],
        )
    for cpu, platform in _PLATFORMS.items():
        subject = "{}_{}_subject".format(name, cpu)
        image(
            name = subject,
            layers = ["BUILD.bazel"],
            platform = ":{}_{}".format(name, cpu),
            tag = "latest",
            tags = ["manual"],
        )
        _platform_test(
            name = "{}_{}_test".format(name, cpu),
            platform = platform,
            target_under_test = subject,
        )

def image_test_suite(name, layers):
    """Declares the analysis tests.

    Args:
        name: name of the suite.
        layers: label of a `py_image_layer`.
    """
    tests = {
        "no_layout": (
            {"base": ":no_layout_files", "layers": ["BUILD.bazel"]},
            "attribute base: @@//image/tests:no_layout_files is not an OCI image layout; give a directory, or the files of one",
        ),
        "no_cpu": (
            {"layers": ["BUILD.bazel"], "platform": name + "_platform_ppc"},
            "is built for a platform that is not Linux on a known CPU; name one that is",
        ),
        "not_linux": (
            {"layers": ["BUILD.bazel"], "platform": ":macos"},
            "is built for a platform that is not Linux on a known CPU; name one that is",
        ),
    }
    _platform_tests(name + "_platform")
    native.filegroup(
        name = "no_layout_files",
        srcs = [
            "BUILD.bazel",
            "image_test.bzl",
        ],
    )
    for case, (attributes, message) in tests.items():
        image(
            name = "{}_{}_subject".format(name, case),
            tag = "latest",
            tags = ["manual"],
            **attributes
        )
        failure_test(
            name = "{}_{}".format(name, case),
            message = message,
            target_under_test = "{}_{}_subject".format(name, case),
        )

    # It is analysed only: any file does for a layout, any other for a tar.
    image(
        name = name + "_plan_subject",
        testonly = True,
        base = "BUILD.bazel",
        layers = ["image_test.bzl", layers],
        tag = "latest",
        tags = ["manual"],
    )
    _plan_test(
        name = name + "_plan",
        layers = native.package_relative_label(layers).name,
        target_under_test = name + "_plan_subject",
    )
