"""The report of images: what is in them, what they share, what has changed."""

load("//layers:providers.bzl", "PlanInfo")
load("//layers:toolchain.bzl", "LAYER_TOOL")
load(":layer.bzl", "run_layer_tool")
load(":names.bzl", "short_stem")
load(":program.bzl", "RUN_ATTRS", "declare_program", "program_args")

visibility(["//image/...", "//layers/...", "//py/..."])

def plans_of(images):
    """What images are made of.

    Args:
        images: list of Targets.

    Returns:
        `PlanInfo`.
    """
    infos = [image[PlanInfo] for image in images]
    return PlanInfo(
        files = depset(transitive = [info.files for info in infos]),
        plans = depset(transitive = [info.plans for info in infos]),
    )

def _image_plan_impl(ctx):
    info = plans_of([ctx.attr.image])
    program = declare_program(ctx, {"--plan": info.plans})
    return [DefaultInfo(executable = program.executable, runfiles = program.runfiles)]

_image_plan = rule(
    implementation = _image_plan_impl,
    doc = "Prints the plan of an image.",
    attrs = {"image": attr.label(mandatory = True, providers = [PlanInfo])} | RUN_ATTRS,
    executable = True,
)

def image_plan(name, image, **kwargs):
    """Declares a target that prints the plan of an image.

    Args:
        name: string.
        image: label of a target with `PlanInfo`.
        **kwargs: common attributes.
    """
    _image_plan(name = name, args = program_args("report", name), image = image, **kwargs)

def _image_report_impl(ctx):
    info = plans_of(ctx.attr.images)
    program = declare_program(ctx, {"--files": info.files, "--plan": info.plans})

    page = ctx.actions.declare_file(short_stem(ctx.label.name) + ".html")
    args = ctx.actions.args()
    args.use_param_file("--params=%s")
    args.set_param_file_format("multiline")
    args.add("report")
    args.add_all(info.plans, before_each = "--plan")
    args.add_all(info.files, before_each = "--files")
    args.add("--format", "html")
    args.add("--output", page)
    run_layer_tool(
        ctx,
        arguments = [args],
        inputs = depset(transitive = [info.files, info.plans]),
        outputs = [page],
        mnemonic = "ImageReport",
        progress_message = "Writing the report %{label}",
        execution_requirements = {"supports-path-mapping": ""},
    )
    return [
        DefaultInfo(executable = program.executable, runfiles = program.runfiles),
        OutputGroupInfo(
            files = info.files,
            plan = info.plans,
            report = depset([page]),
        ),
    ]

_image_report = rule(
    implementation = _image_report_impl,
    doc = "Shows what is in images: see `image_report`, its macro.",
    attrs = {"images": attr.label_list(mandatory = True, providers = [PlanInfo])} | RUN_ATTRS,
    executable = True,
    toolchains = LAYER_TOOL,
)

def image_report(name, images, **kwargs):
    """Shows what is in images, and what they share.

    `py_image_layer`, `js_image_layer`, `image_layer`, `py_image` and `js_image` declare a report each,
    `:NAME.report`. Use this macro to have several images in one report:

    ```starlark
    load("@rules_image_layers//image:defs.bzl", "image_report")

    image_report(
        name = "report",
        images = [":server_layers", ":worker_layers"],
        tags = ["manual"],  # it reads all layers
    )
    ```

    `bazel run :report` writes one page, prints its path, and opens it if there is a desktop. After
    `--` it takes these flags:

    - `--against PLAN` also shows what has changed since that plan.
    - `--format text` writes tables for a terminal, `--format json` an object for programs.
    - `--output FILE` writes to that file.

    The output group `report` has the page, `plan` the plans, and `files` the lists of files. See the
    guide to [reports](../report.md).

    Args:
        name: string, name of the target.
        images: list of labels of `py_image_layer`, `js_image_layer`, `image_layer`, `py_image` or
            `js_image` targets.
        **kwargs: common attributes (`tags`, `visibility`, `testonly`, ...) of the target.
    """
    _image_report(
        name = name,
        args = program_args("report", name) + ["--format", "html", "--open"],
        images = images,
        **kwargs
    )
