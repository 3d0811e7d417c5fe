"""Unit tests of pure functions."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//image/private:arguments.bzl", "split_words")
load("//layers/private:attributes.bzl", "parse_requirement")
load("//layers/private:glob.bzl", "glob_matches", "glob_of_path", "problem_of_glob", "regex_of_glob")
load("//layers/private:label_text.bzl", "label_text")
load("//layers/private:launchers.bzl", "launcher_at")
load("//layers/private:layout.bzl", "image_layout")
load("//layers/private:manifest.bzl", "vis")
load("//layers/private:names.bzl", "short_stem")
load("//layers/private:owner.bzl", "parse_owner")
load("//layers/private:tier_keys.bzl", "is_for", "parse_key")
load("//py:defs.bzl", "LayerTierInfo", "PyLayerTierInfo", "layer_tier", "py_layer_tier")
load("//py/private:hub.bzl", "hub_of_repository")
load("//py/private:image_layers.bzl", "layer_names")
load("//py/private:tar_args.bzl", "parse_tar_args")

_VIS = {
    "plain/path.py": "plain/path.py",
    "a b": "a\\040b",
    "a\\b": "a\\134b",
    "a\nb\tc\rd": "a\\012b\\011c\\015d",
    "#a=b": "\\043a=b",
}

def _vis_test_impl(ctx):
    env = unittest.begin(ctx)
    for path, escaped in _VIS.items():
        asserts.equals(env, escaped, vis(path))
    return unittest.end(env)

vis_test = unittest.make(_vis_test_impl)

_WORDS = {
    "": [],
    " a  b\t": ["a", "b"],
    "'a b' \"c d\"e": ["a b", "c de"],
    "'' x": ["", "x"],
    "a\\ b '\\' \"\\\"\\n\"": ["a b", "\\", "\"\\n"],
}

def _words_test_impl(ctx):
    env = unittest.begin(ctx)
    for text, words in _WORDS.items():
        asserts.equals(env, words, split_words(text))
    return unittest.end(env)

words_test = unittest.make(_words_test_impl)

_LAYOUTS = {
    ("", "//a/b:c"): "/app",
    ("/", "//a/b:c"): "/a/b/c",
    ("/", "//:c"): "/c",
    ("/opt/x/", "//a:d/c"): "/opt/x/a/d/c",
}

def _layout_test_impl(ctx):
    env = unittest.begin(ctx)
    for (root, label), launcher in _LAYOUTS.items():
        layout = image_layout(root, Label(label))
        asserts.equals(env, launcher, layout.launcher)
        asserts.equals(env, launcher + ".runfiles", layout.runfiles)
    return unittest.end(env)

layout_test = unittest.make(_layout_test_impl)

_LABELS = {
    "//a/b:c": "//a/b:c",
    "//:c": "//:c",
    "@@bazel_skylib+//lib:c": "@bazel_skylib//lib:c",
    "@@bazel_skylib~//lib:c": "@bazel_skylib//lib:c",
    "@@bazel_skylib~1.8//lib:c": "@bazel_skylib//lib:c",
    "@@rules_python~~pip~numpy//:pkg": "@@rules_python~~pip~numpy//:pkg",
}

def _label_text_test_impl(ctx):
    env = unittest.begin(ctx)
    for label, text in _LABELS.items():
        asserts.equals(env, text, label_text(Label(label)))
    return unittest.end(env)

label_text_test = unittest.make(_label_text_test_impl)

_TAR_ARGS = [
    ([], "gzip", {}),
    (["--options", "gzip:!timestamp"], "gzip", {}),
    (["--options=gzip:compression-level=9,gzip:!timestamp"], "gzip", {"compress_level": 9}),
    (["--options", "zstd:compression-level=19"], "zstd", {"compress_level": 19}),
    (["--numeric-owner", "--uid=7"], "none", {"owner": "7:0"}),
    (["--uid", "7", "--gid", "8"], "none", {"owner": "7:8"}),
]

def _tar_args_test_impl(ctx):
    env = unittest.begin(ctx)
    for tar_args, compression, settings in _TAR_ARGS:
        asserts.equals(env, settings, parse_tar_args(tar_args, compression))
    return unittest.end(env)

tar_args_test = unittest.make(_tar_args_test_impl)

def _layer_names_test_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, ["interpreter", "packages", "default"], layer_names({}))
    asserts.equals(env, ["interpreter", "packages", "b", "a", "default"], layer_names({"b": "", "a": ""}))
    return unittest.end(env)

layer_names_test = unittest.make(_layer_names_test_impl)

_GLOBS = [
    ("torch/lib/libc10.so", "**/lib/*.so", True),
    ("lib/libc10.so", "**/lib/*.so", True),
    ("torch/lib/x/libc10.so", "**/lib/*.so", False),
    ("torch/lib/libc10.so.1", "**/lib/*.so", False),
    ("torch/lib/libc10.so.1", "**/lib/*.so*", True),
    ("torch/lib/x/y.py", "torch/**", True),
    ("torchvision/x.py", "torch/**", False),
    ("a/b/c/d", "a/**/d", True),
    ("a/d", "a/**/d", True),
    ("a/b/c", "a/**/d", False),
    ("abcabc", "a*c*c", True),
    ("ac", "a*c*c", False),
    ("aXbYc", "a*b*c", True),
    ("a", "**", True),
    ("a/b", "*", False),
    # As in globs of `exclude`.
    ("lib/a.so.1", "lib/?.so*", True),
    ("lib/ab.so", "lib/?.so", False),
    ("a/b", "a?b", False),
    ("x1", "x[0-9]", True),
    ("xa", "x[0-9]", False),
    ("xa", "x[!0-9]", True),
    ("x]", "x[]a]", True),
    ("x-", "x[a-]", True),
    ("x/y", "x[!a]y", False),
    ("a/x.py", "**/*.{py,pyi}", True),
    ("a/x.pyc", "**/*.{py,pyi}", False),
    ("b/d", "{a,{b,c}}/{d,e}", True),
    ("c/e", "{a,{b,c}}/{d,e}", True),
    ("d/e", "{a,{b,c}}/{d,e}", False),
    ("a*b", "a\\*b", True),
    ("acb", "a\\*b", False),
    ("a{b}", "a\\{b}", True),
    ("a,b", "[{,}]a,b", False),
    ("{a,b", "[{,}]a,b", True),
]

def _glob_test_impl(ctx):
    env = unittest.begin(ctx)
    for path, glob, expected in _GLOBS:
        asserts.equals(env, expected, glob_matches(path, glob), "{} and {}".format(path, glob))
    return unittest.end(env)

glob_test = unittest.make(_glob_test_impl)

_REGEXES = {
    "**": ".*",
    "**/*.map": "(?:.*/)?[^/]*\\.map",
    "a/**/b": "a/(?:.*/)?b",
    "lib/**": "lib/.*",
    "x+y(z)*": "x\\+y\\(z\\)[^/]*",
    "a?[!b-d^&]": "a[^/][^b-d\\^\\&]",
    "*.{py,pyi}": "[^/]*\\.py|[^/]*\\.pyi",
    "\\*": "\\*",
}

def _regex_of_glob_test_impl(ctx):
    env = unittest.begin(ctx)
    for glob, regex in _REGEXES.items():
        asserts.equals(env, regex, regex_of_glob(glob))
    return unittest.end(env)

regex_of_glob_test = unittest.make(_regex_of_glob_test_impl)

_PROBLEMS_OF_GLOBS = {
    "**/site-packages/**/tests/**": None,
    "**/*.{py,pyi}": None,
    "{a,{b,c}}/[!a-z]": None,
    "[]]": None,
    "[^]]": None,
    "[-a]": None,
    "[a-]": None,
    "[a-z0-9]": None,
    "[[:alpha:]_]": None,
    "[[a]": None,
    "[é-à]": None,
    "a]": None,
    "\\[a": None,
    "\\{\\}": None,
    "[\\]": None,
    "a,b": None,
    "a/[a": "has a `[` after a/ that nothing closes",
    "[": "has a `[` after the beginning that nothing closes",
    "[]": "has a `[` after the beginning that nothing closes",
    "[!]": "has a `[` after the beginning that nothing closes",
    "[z-a]": "has the range `z-a`, whose end comes before its beginning",
    "[b-z-a]": "has the range `b-a`, whose end comes before its beginning",
    "[a-]-]b]": None,
    "{a": "has a `{` that nothing closes",
    "{a,{b}": "has a `{` that nothing closes",
    "a}b": "has a `}` after a that closes nothing",
    "}": "has a `}` after the beginning that closes nothing",
    "a\\": "ends with a backslash",
}

def _problem_of_glob_test_impl(ctx):
    env = unittest.begin(ctx)
    for glob, problem in _PROBLEMS_OF_GLOBS.items():
        asserts.equals(env, problem, problem_of_glob(glob), glob)

    # What stands for itself.
    asserts.equals(env, "a/b[*][?][[][]][{][}][\\][,]é", glob_of_path("a/b*?[]{}\\,é"))
    return unittest.end(env)

problem_of_glob_test = unittest.make(_problem_of_glob_test_impl)

def _key(repository, distribution = None, glob = None, package = None, target = None):
    return struct(repository = repository, distribution = distribution, glob = glob, package = package, target = target)

_KEYS = {
    "@pip//Charset_Normalizer": _key("pip", "charset-normalizer", package = "Charset_Normalizer", target = "Charset_Normalizer"),
    "@pip//numpy:numpy": _key("pip", "numpy", package = "numpy", target = "numpy"),
    "@pip//numpy:pkg": _key("pip", "numpy", package = "numpy", target = "pkg"),
    "@pip//torch:**/lib/*.so": _key("pip", "torch", "**/lib/*.so"),
    "@other//lib/a:x": _key("other", package = "lib/a", target = "x"),
    "@other//lib/...": _key("other", package = "lib"),
    "//lib": _key("", package = "lib", target = "lib"),
    "//lib/branding": _key("", package = "lib/branding", target = "branding"),
    "@//lib:x": _key("", package = "lib", target = "x"),
    "@@//:x": _key("", package = "", target = "x"),
    "//lib/...": _key("", package = "lib"),
    "//...": _key("", package = ""),
    # Any package whose name the glob is for, in the spelling of its ecosystem.
    "@pip//Nvidia_*": _key("pip", "nvidia-*"),
    "@pip//nvidia-*:**/*.so": _key("pip", "nvidia-*", "**/*.so"),
    "lodash.get": _key(None, "lodash.get"),
    "nvidia-*": _key(None, "nvidia-*"),
    "@aws-sdk/*": _key(None, "@aws-sdk/*"),
    "@aws-sdk/client-s3:dist-es/**": _key(None, "@aws-sdk/client-s3", "dist-es/**"),
    "react:**//x": _key(None, "react", "**//x"),
}

def _key_test_impl(ctx):
    env = unittest.begin(ctx)
    for key, expected in _KEYS.items():
        asserts.equals(env, expected, parse_key(key))
    for label, key, expected in [
        ("//lib:x", "//lib/...", True),
        ("//lib/a:x", "//lib/...", True),
        ("//library:x", "//lib/...", False),
        ("//a:x", "//...", True),
        ("//lib:x", "//lib:x", True),
        ("//lib:y", "//lib:x", False),
        ("@@other~//lib:lib", "@other//lib", True),
        ("@@other+//lib:lib", "@other//lib/...", True),
        ("@@other~//lib:lib", "//lib", False),
        ("//lib:lib", "@other//lib", False),
        ("@@rules_python~~pip~other//lib:lib", "@other//lib", False),
    ]:
        asserts.equals(env, expected, is_for(parse_key(key), Label(label)), "{} and {}".format(label, key))
    return unittest.end(env)

key_test = unittest.make(_key_test_impl)

_HUBS = {
    ("rules_python~~pip~pip_311_numpy", "numpy"): "pip",
    ("rules_python++pip+my_deps_312_charset_normalizer_cp312_cp312_abc", "charset-normalizer"): "my_deps",
    ("whl_install__tests__beta__1_0", "beta"): None,
    ("_main~ext~test_wheel", "alpha"): None,
}

def _hub_test_impl(ctx):
    env = unittest.begin(ctx)
    for (repository, distribution), hub in _HUBS.items():
        asserts.equals(env, hub, hub_of_repository(repository, distribution))
    return unittest.end(env)

hub_test = unittest.make(_hub_test_impl)

# Prefix and binary to where its launcher stands.
_STRIPPED = {
    ("", "//services/web:server"): "/app",
    ("../other/web", "//services/web:server"): "/app",
    ("../other~1.0/web", "@@other~1.0//web:server"): "/app/server",
    ("../other/web", "@@other~1.0//web:server"): "/app/server",
    ("../other/we", "@@other~1.0//web:server"): "/app",
    ("../rules_image_layers/web", "@@other~1.0//web:server"): "/app",
    ("services", "//services/web:server"): "/app/web/server",
    ("web", "@@other~1.0//web:server"): "/app",
}

def _launcher_at_test_impl(ctx):
    env = unittest.begin(ctx)
    for (prefix, label), path in _STRIPPED.items():
        tier = struct(root = "/app", strip_prefix = prefix)
        asserts.equals(env, path, launcher_at(tier, Label(label), ""), "{} of {}".format(prefix, label))
    return unittest.end(env)

launcher_at_test = unittest.make(_launcher_at_test_impl)

def _short_stem_test_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, "a/b", short_stem("a/b"))
    asserts.equals(env, 200 * "n", short_stem(200 * "n"))
    long = [short_stem("a/" + 250 * "n" + end) for end in ["x", "y"]]
    asserts.equals(env, [202, 202], [len(name) for name in long])
    asserts.false(env, long[0] == long[1], "names that differ at their ends only")
    asserts.true(env, long[0].startswith("a/" + 180 * "n"), long[0])
    return unittest.end(env)

short_stem_test = unittest.make(_short_stem_test_impl)

_REQUIREMENTS = {
    "cpu=2": ("cpu:2", ""),
    "cpu:2": ("cpu:2", ""),
    "no-remote": ("no-remote", ""),
    "requires-network=1": ("requires-network", "1"),
    "resources:gpu=3": ("resources:gpu:3", ""),
}

def _requirements_test_impl(ctx):
    """Amounts are as Bazel reads them."""
    env = unittest.begin(ctx)
    for requirement, parsed in _REQUIREMENTS.items():
        asserts.equals(env, parsed, parse_requirement(requirement))
    return unittest.end(env)

requirements_test = unittest.make(_requirements_test_impl)

_OWNERS = {
    ("", ""): None,
    ("1000", ""): "1000:0",
    ("", "1000"): "0:1000",
    # As rules_py has it.
    ("1000", "1000"): "1000:1000",
    ("1000:7", ""): "1000:7",
}

def _owner_test_impl(ctx):
    env = unittest.begin(ctx)
    for (owner, group), expected in _OWNERS.items():
        asserts.equals(env, expected, parse_owner(owner, group))
    return unittest.end(env)

owner_test = unittest.make(_owner_test_impl)

def _names_of_rules_py_test_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, LayerTierInfo, PyLayerTierInfo)
    asserts.equals(env, layer_tier, py_layer_tier)
    return unittest.end(env)

names_of_rules_py_test = unittest.make(_names_of_rules_py_test_impl)

def units_test_suite(name):
    """Declares the unit tests.

    Args:
        name: name of the suite.
    """
    unittest.suite(
        name,
        glob_test,
        problem_of_glob_test,
        regex_of_glob_test,
        hub_test,
        key_test,
        layer_names_test,
        label_text_test,
        launcher_at_test,
        layout_test,
        names_of_rules_py_test,
        owner_test,
        requirements_test,
        short_stem_test,
        tar_args_test,
        vis_test,
        words_test,
    )
