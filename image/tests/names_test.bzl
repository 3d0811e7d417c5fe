"""Tests of the names of images, and of words that are refused."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts", "unittest")
load("//image/private:image.bzl", "image")
load("//image/private:index.bzl", "image_index")
load("//image/private:names.bzl", "image_name")
load("//layers/testing:failure.bzl", "failure_test")

_NAMES = {
    "//:app": "app",
    "//:__main__": "main",
    "//:a__b": "a__b",
    "//:a___b": "a-b",
    "//:a--b_c.d": "a--b_c.d",
    "//:a..b": "a-b",
    "//:a._-b": "a-b",
    "//:a+b@c": "a-b-c",
    "//:sub/folder/App": "sub/folder/app",
    "//:__": "image",
    "//.hidden/-x-/Svc:+Api+": "hidden/x/svc/api",
    "//svc/_internal:api": "svc/internal/api",
    "//svc/__/a:b": "svc/a/b",
    "//" + "x/" * 200 + "y:z": "x/" * 88 + "y/z",
    "//:" + "_".join(["x"] * 200): "_".join(["x"] * 90),
    "@@other+//pkg:bin": "pkg/bin",
}

def _names_test_impl(ctx):
    env = unittest.begin(ctx)
    for label, name in _NAMES.items():
        found = image_name(Label(label if label.startswith("@") else "@@" + label))
        asserts.equals(env, name, found, label)
        asserts.equals(env, found, image_name(Label("@@//:" + found)), "the name of a name")
    return unittest.end(env)

names_test = unittest.make(_names_test_impl)

def _taken_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.true(env, analysistest.target_actions(env) != [])
    return analysistest.end(env)

_taken_test = analysistest.make(_taken_test_impl)

_NO_IMAGE = " is not the name of an image; write [HOST[:PORT]/]NAME:TAG"
_NO_USER = " is not an id or a name; write e.g. 1000, 1000:1000, nobody or nobody:nogroup"
_NO_PORT = " is not a port; write e.g. \"8080\" or \"53/udp\""

# Attribute to what it takes and what it refuses, with the end of the message.
_WORDS = {
    "repo_tag": (
        ["a:b", "a.b/c__d/e--f:x", "localhost/a:1", "Example.com:5000/a/b:1", "a:" + "x" * 128],
        ["app", "App:1", "a//b:1", "/a:1", "a/:1", "a_-b:1", "a..b:1", "-a:1", ":1", "a:", "a: ", "h:x/a:1", "a@b:1", "a+b:1", "a___b:1", "a:" + "x" * 129],
        _NO_IMAGE,
    ),
    "tag": (["v1", "_x", "A.b-c"], ["a/b", ".a", "-a", "a b", "x" * 129], " is not a tag that registries take; use up to 128 letters"),
    "user": (
        ["0", "1000:1000", "nobody", "_apt:nogroup", "svc$", "1000:adm", "4294967294"],
        [":", "a:", ":1", "a:b:c", "a b", "-1", "4294967295", "1x", "$", "x" * 33],
        _NO_USER,
    ),
    "workdir": (["/", "/srv"], ["relative", "./x", " /x"], " is not an absolute path; write e.g. \"/srv\""),
}

def names_test_suite(name):
    """Declares the tests.

    Args:
        name: name of the suite.
    """
    names_test(name = name + "_names")
    common = dict(layers = ["BUILD.bazel"], tags = ["manual"])
    taken = []
    refused = {}
    for attribute, (good, bad, problem) in _WORDS.items():
        taken.extend([{attribute: value} for value in good])
        for number, value in enumerate(bad):
            refused["{}_{}".format(attribute, number)] = ({attribute: value}, attribute, value, problem)
    for number, value in enumerate(["", "0", "65536", "http", "80/", "80/icmp", "+80", "80-90"]):
        refused["port_{}".format(number)] = ({"exposed_ports": [value]}, "exposed_ports", value, _NO_PORT)
    taken.append({"exposed_ports": ["80", "80/tcp", "53/udp", "9/sctp"]})
    taken.append({"volumes": ["/", "/var/data"]})
    for number, value in enumerate(["", "data"]):
        refused["volume_{}".format(number)] = ({"volumes": [value]}, "volumes", value, " is not an absolute path; write e.g. \"/var/data\"")
    for number, value in enumerate(["", "a=b"]):
        refused["env_{}".format(number)] = ({"env": {value: "x"}}, "env", value, " is not the name of a variable; write a name without `=`")

    for attribute in ["annotations", "labels"]:
        for number, value in enumerate(["", "a=b"]):
            refused["{}_{}".format(attribute, number)] = ({attribute: {value: "x"}}, attribute, value, " cannot be a name; write a name without `=`")

    for number, attributes in enumerate(taken):
        subject = "{}_taken_{}_subject".format(name, number)
        image(name = subject, **(common | {"tag": "latest"} | attributes))
        _taken_test(
            name = "{}_taken_{}".format(name, number),
            target_under_test = subject,
        )
    for case, (attributes, attribute, value, problem) in refused.items():
        subject = "{}_{}_subject".format(name, case)
        image(name = subject, **(common | {"tag": "latest"} | attributes))
        failure_test(
            name = "{}_{}".format(name, case),
            message = "attribute {}: {} of //image/tests:{}{}".format(attribute, repr(value), subject, problem),
            target_under_test = subject,
        )

    # An alias of a platform is that platform.
    native.platform(
        name = name + "_linux",
        constraint_values = ["@platforms//cpu:x86_64", "@platforms//os:linux"],
    )
    native.alias(name = name + "_alias", actual = name + "_linux")
    image(name = name + "_twice_image", tag = "latest", **common)
    image_index(
        name = name + "_twice_subject",
        image = name + "_twice_image",
        platforms = [name + "_linux", name + "_alias"],
        tag = "latest",
        tags = ["manual"],
    )
    failure_test(
        name = name + "_twice",
        message = "attribute platforms: //image/tests:{}_linux is listed twice, once by an alias; leave out one of the two".format(name),
        target_under_test = name + "_twice_subject",
    )
    native.test_suite(
        name = name,
        tests = ["{}_{}".format(name, case) for case in refused] +
                ["{}_taken_{}".format(name, number) for number in range(len(taken))] +
                [name + "_names", name + "_twice"],
    )
