"""The aspect that reads the arguments of a binary."""

visibility(["//image/...", "//js/...", "//py/..."])

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

def _arguments_aspect_impl(_target, ctx):
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
    doc = "Reads the arguments of the one target that it is applied to.",
    provides = [BinaryArgumentsInfo],
)
