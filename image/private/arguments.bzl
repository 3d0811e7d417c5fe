"""The aspect that reads the arguments of what layers are of."""

load("//layers:providers.bzl", "LayoutInfo")
load("//layers/private:declared_links.bzl", "targets_of")

visibility(["//image/...", "//py/..."])

BinaryArgumentsInfo = provider(
    doc = "What `bazel run` passes to a binary.",
    fields = {"args": "list of string: the words of its attribute `args`, expanded."},
)

def split_words(text):
    """Splits text as Bazel splits `args`: like a Bourne shell that expands nothing.

    Args:
        text: string.

    Returns:
        A list of string.
    """
    words = []
    word = None
    quote = None
    escaped = False
    for letter in text.elems():
        if escaped:
            # Between double quotes a backslash stands for itself before most letters.
            word += letter if not quote or letter in "\"\\$`" else "\\" + letter
            escaped = False
        elif letter == "\\" and quote != "'":
            word = word or ""
            escaped = True
        elif quote:
            if letter == quote:
                quote = None
            else:
                word += letter
        elif letter in "'\"":
            word = word or ""
            quote = letter
        elif letter in " \t\n":
            if word != None:
                words.append(word)
            word = None
        else:
            word = (word or "") + letter
    return words + ([word] if word != None else [])

# By which the rules of layers get executables, the first of which an image starts.
EXECUTABLES = ["binaries", "binary"]

def _arguments_aspect_impl(target, ctx):
    if LayoutInfo in target:
        for edge in EXECUTABLES:
            for binary in targets_of(getattr(ctx.rule.attr, edge, None)):
                return [binary[BinaryArgumentsInfo]]
    args = []
    targets = getattr(ctx.rule.attr, "data", [])
    for text in getattr(ctx.rule.attr, "args", []):
        # Bazel means the paths of runfiles here.
        for word in ["location", "locations"]:
            text = text.replace("$({} ".format(word), "$({} ".format(word.replace("location", "rootpath")))
        text = ctx.expand_location(text, targets)
        args.extend(split_words(ctx.expand_make_variables("args", text, {})))
    return [BinaryArgumentsInfo(args = args)]

arguments_aspect = aspect(
    implementation = _arguments_aspect_impl,
    doc = "Reads the arguments of the executable that a target is, or has layers of.",
    attr_aspects = EXECUTABLES,
    provides = [BinaryArgumentsInfo],
)
