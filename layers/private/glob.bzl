"""Globs on paths, for the keys of a tier."""

visibility(["//js/...", "//layers/...", "//py/..."])

def _segment_matches(segment, pattern):
    """Whether `*` of the pattern can stand for what it must; there is no `**` here."""
    pieces = pattern.split("*")
    if len(pieces) == 1:
        return segment == pattern
    first, last = pieces[0], pieces[-1]
    if not segment.startswith(first) or not segment.endswith(last) or len(segment) < len(first) + len(last):
        return False
    rest = segment[len(first):len(segment) - len(last)]
    for piece in pieces[1:-1]:
        at = rest.find(piece)
        if at < 0:
            return False
        rest = rest[at + len(piece):]
    return True

def glob_matches(path, glob):
    """Whether a glob is for a path.

    Args:
        path: string, segments between `/`.
        glob: string: `*` stands for anything in a segment, a segment `**` for any number
            of segments, none included.

    Returns:
        bool.
    """
    segments = path.split("/")

    # Lengths of the beginnings of the path that the pattern so far can stand for.
    reached = [0]
    for pattern in glob.split("/"):
        if pattern == "**":
            reached = range(min(reached), len(segments) + 1)
        else:
            reached = [
                at + 1
                for at in reached
                if at < len(segments) and _segment_matches(segments[at], pattern)
            ]
        if not reached:
            return False
    return len(segments) in reached
