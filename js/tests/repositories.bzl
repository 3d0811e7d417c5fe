"""External repositories for the tests: what rules_js and a Node.js bring."""

_RULES_JS_BUILD = """\
filegroup(
    name = "bootstrap",
    srcs = glob(["js/private/**"]),
    visibility = ["//visibility:public"],
)

filegroup(
    name = "data",
    srcs = ["data/it's \\"external\\".txt"],
    visibility = ["//visibility:public"],
)
"""

_NODE_BUILD = """\
exports_files([
    "bin/nodejs/bin/node",
    "bin/npm",
])
"""

def _rules_js_impl(rctx):
    rctx.file("BUILD.bazel", _RULES_JS_BUILD)
    rctx.file("js/private/node-bootstrap/bootstrap.cjs", "// bootstrap\n")
    rctx.file("js/private/node-bootstrap/fs.cjs", "// fs\n")
    rctx.file("data/it's \"external\".txt", "quotes\n")

def _node_impl(rctx):
    rctx.file("BUILD.bazel", _NODE_BUILD)
    rctx.file("bin/nodejs/bin/node", "#!/bin/sh\necho node \"$@\"\n")
    rctx.file("bin/npm", "#!/bin/sh\n")

_rules_js = repository_rule(implementation = _rules_js_impl)
_node = repository_rule(implementation = _node_impl)

def _js_test_repositories_impl(_):
    _rules_js(name = "test_rules_js")
    _node(name = "test_node")

js_test_repositories = module_extension(implementation = _js_test_repositories_impl)
