"""Fails unless a program that has its arguments in a file prints what is expected.

usage: prints_test.py PROGRAM WORD...    (with EXPECTED in the environment)
"""

import os
import subprocess
import sys

program, *words = sys.argv[1:]

# It stands in a folder NAME_, and its arguments beside that.
folder = os.path.dirname(program)
arguments = f"{folder.removesuffix('_')}.args"
expected = os.environ["EXPECTED"]
printed = subprocess.run(
    [program, "report", f"--params={arguments}", *words],
    check=True,
    encoding="utf-8",
    stdout=subprocess.PIPE,
).stdout
assert expected in printed, f"no {expected!r} in\n{printed}"
