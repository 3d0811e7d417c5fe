"""Unit tests of pure functions."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//js/private:javascript_regex.bzl", "translate_javascript_regex")
load("//js/private:launcher.bzl", "js_layout")
load("//js/private:layer_groups.bzl", "DEFAULT_GROUPS", "TIER_GROUPS", "ordered_groups")
load("//js/private:slices.bzl", "cut_slices")
load("//layers/private:regex.bzl", "problem_of_regex")

_REGEXES = {
    r".*js\/private\/node-bootstrap\/fs\.cjs": r".*js/private/node-bootstrap/fs\.cjs",
    r"\.aspect_rules_js/(?!.*@0\.0\.0).*/node_modules": r"\.aspect_rules_js/(?!.*@0\.0\.0).*/node_modules",
    r"(?<=a)b(?<!c)(?<n>d)\k<n>\1": r"(?<=a)b(?<!c)(?<n>d)\k<n>\1",
    # Identity escapes, and what is a boundary of a word in other dialects.
    r"\<a\>\@\z\A": r"<a>\@zA",
    r"\d\w\D\W\s\b\B": r"[0-9][A-Za-z0-9_][^0-9][^A-Za-z0-9_]\s\b\B",
    r"[\d\w-]\0": r"[0-9A-Za-z0-9_-]\x00",
    r"[[a&&b~~c]]": r"[\[a\&\&b\~\~c]\]",
    r"[^\]/]]": r"[^\]/]\]",
    "[^]x[]": r"[\s\S]x(?!)",
    "a{2}b{2,}c{2,3}d{,3}{": r"a{2}b{2,}c{2,3}d\{,3\}\{",
    r"symbols \\{": r"symbols \\\{",
    "a\\": "a\\",
    "": "",
}

def _regex_test_impl(ctx):
    env = unittest.begin(ctx)
    for pattern, expected in _REGEXES.items():
        asserts.equals(env, expected, translate_javascript_regex(pattern), pattern)
    return unittest.end(env)

regex_test = unittest.make(_regex_test_impl)

_PROBLEMS = {
    "(?:a|b)*c{2,3}[^]()*+?]|(?<=x)(?<n>y)+\\(": None,
    "(?#a comment )))": None,
    "()": None,
    "(?=": "has a `(` that nothing closes",
    "(?": "has a `(?` after the beginning that does not begin a group",
    "(a))": "has a `)` after (a) that closes nothing",
    "(i?)?*+?": None,
    "[]": "has a `[` after the beginning that nothing closes",
    "[[:alpha:]x": "has a `[` after the beginning that nothing closes",
    "[[:alpha:]x]": None,
    "[a-z\\]": "has a `[` after the beginning that nothing closes",
    "a(?:": "has a `(` that nothing closes",
    "a(*b)": "has a `*` after a( with nothing to repeat",
    "a\\": "ends with a backslash",
    "a{3,2}": "repeats at least 3 and at most 2 times",
    "a{3,}b{,2}c{3}{": None,
    "a|+": "has a `+` after a| with nothing to repeat",
}

def _problems_test_impl(ctx):
    env = unittest.begin(ctx)
    for pattern, problem in _PROBLEMS.items():
        asserts.equals(env, problem, problem_of_regex(pattern), pattern)
    return unittest.end(env)

problems_test = unittest.make(_problems_test_impl)

_GROUPS = {
    "./bin.runfiles/_main/main.js": "app",
    "./bin.runfiles/_main/node_modules/a": "node_modules",
    "./bin.runfiles/_main/node_modules/.aspect_rules_js/@s+a@0.0.0/node_modules/@s/a": "package_store_1p",
    "./bin.runfiles/_main/node_modules/.aspect_rules_js/a@0.0.01/node_modules/a": "node_modules",
    "./bin.runfiles/_main/node_modules/.aspect_rules_js/a@1.0.0/node_modules/a/": "package_store_3p",
    "./bin.runfiles/_main/node_modules/.aspect_rules_js/a@1.0.0/x": "node_modules",
    "./bin.runfiles/aspect_rules_js~/js/private/node-bootstrap/fs.cjs": "node",
    "./bin.runfiles/aspect_rules_js~/js/private/node-patches/fs.cjs": "node",
    "./bin.runfiles/node/bin/nodejs/bin/node": "node",
}

# Packages of the store, to their groups without a tier, as rules_js has it, and with one.
_STORED = {
    "@my+a@0.0.0": ("package_store_1p", "package_store_1p"),
    "@my+a@0.0.0-canary-1": ("node_modules", "package_store_3p"),
    "@my+a@1.0.0": ("package_store_3p", "package_store_3p"),
    "@my+a@1.0.0_@my+b@0.0.0": ("package_store_1p", "package_store_3p"),
    "@my+a@1.0.0_@my+b@0.0.0-rc.1_react@18.0.0": ("node_modules", "package_store_3p"),
    "a@0.0.0": ("package_store_1p", "package_store_1p"),
    "a@0.0.0(react@18.0.0)": ("node_modules", "package_store_3p"),
    "a@0.0.0-experimental-1-20240101": ("node_modules", "package_store_3p"),
    "a@0.0.0_react@18.0.0": ("node_modules", "package_store_3p"),
    "a@0.0.1": ("package_store_3p", "package_store_3p"),
    "a@1.0.0(react@0.0.0-experimental-1)": ("node_modules", "package_store_3p"),
    "a@1.0.0_react@0.0.0-experimental-1": ("node_modules", "package_store_3p"),
    "a@10.0.0": ("package_store_3p", "package_store_3p"),
    "a@https+example.org+a@0.0.0": ("package_store_1p", "package_store_3p"),
}

def _group_of(groups, path):
    return [name for name, test in groups.items() if test(path)][0]

def _default_groups_test_impl(ctx):
    env = unittest.begin(ctx)
    for path, group in _GROUPS.items():
        asserts.equals(env, group, _group_of(DEFAULT_GROUPS, path), path)
    for package, (default, tiered) in _STORED.items():
        for end in ["@my/a/", "react"]:
            path = "./bin.runfiles/_main/node_modules/.aspect_rules_js/{}/node_modules/{}".format(package, end)
            asserts.equals(env, default, _group_of(DEFAULT_GROUPS, path), path)
            asserts.equals(env, tiered, _group_of(TIER_GROUPS, path), path)
    return unittest.end(env)

default_groups_test = unittest.make(_default_groups_test_impl)

def _ordered_groups_test_impl(ctx):
    env = unittest.begin(ctx)
    groups = ordered_groups({"node_modules": "x", "b": "", "a": r"\/"})
    asserts.equals(
        env,
        [("b", ""), ("a", "/"), ("node", None), ("package_store_3p", None), ("package_store_1p", None), ("node_modules", "x"), ("app", None)],
        groups.items(),
    )
    return unittest.end(env)

ordered_groups_test = unittest.make(_ordered_groups_test_impl)

_LAYOUTS = {
    ("", "//a/b:c"): "/a/b/c",
    ("/", "//:c"): "/c",
    ("./app", "//a:c"): "/app/a/c",
    ("/opt/x/", "//a:d/c"): "/opt/x/a/d/c",
}

def _layout_test_impl(ctx):
    env = unittest.begin(ctx)
    for (root, label), launcher in _LAYOUTS.items():
        layout = js_layout(root, Label(label))
        asserts.equals(env, launcher, layout.launcher)
        asserts.equals(env, launcher + ".runfiles", layout.runfiles)
    return unittest.end(env)

layout_test = unittest.make(_layout_test_impl)

# Runs of stores that make a slice each, to the folder that they share with those before.
# Those named chalk, kappa, mu and psi could begin one.
_SLICES = [
    ("/", "n/.aspect_rules_js/", ["@scope+alpha@1.0.0", "beta@1.0.0"]),
    ("n/.aspect_rules_js/", "n/.aspect_rules_js/", ["chalk@4.0.0", "delta@1.0.0"]),
    ("n/.aspect_rules_js/", "n/.aspect_rules_js/", ["kappa@1.0.0-next.1", "kappa@1.0.0"]),
    ("n/.aspect_rules_js/", "n/.aspect_rules_js/", ["kappa@1.1.0"]),
    ("n/.aspect_rules_js/", "n/.aspect_rules_js/", ["mu@1.0.0", "mule@1.0.0"]),
    ("n/.aspect_rules_js/", "n/.aspect_rules_js/", ["psi@1.0.0"]),
    # In byte order these come before what is below `n`, and in that of a manifest after.
    ("/", "n x/.aspect_rules_js/", ["chalk@4.0.0"]),
]

def _slices_test_impl(ctx):
    env = unittest.begin(ctx)
    paths = [
        folder + store + "/node_modules/" + end
        for end in ["link", "tree"]
        for _, folder, stores in reversed(_SLICES)
        for store in reversed(stores)
    ]
    slices = cut_slices([(path, "File of " + path) for path in paths])
    for (below, folder, stores), slice in zip(_SLICES, slices):
        asserts.equals(env, below, slice.below)
        asserts.equals(env, folder + stores[0], slice.name)
        expected = [
            folder + store + "/node_modules/" + end
            for store in stores
            for end in ["link", "tree"]
        ]
        asserts.equals(env, [(path, "File of " + path) for path in expected], slice.pairs)
    asserts.equals(env, len(_SLICES), len(slices))
    asserts.equals(env, [], cut_slices([]))
    return unittest.end(env)

slices_test = unittest.make(_slices_test_impl)

def units_test_suite(name):
    """Declares the unit tests.

    Args:
        name: name of the suite.
    """
    unittest.suite(
        name,
        default_groups_test,
        layout_test,
        ordered_groups_test,
        problems_test,
        regex_test,
        slices_test,
    )
