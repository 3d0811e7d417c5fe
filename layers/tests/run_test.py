"""Fails unless a program in unpacked layers prints what it should.

usage: run_test.py LAUNCHER EXPECTED LAYERS...
"""

import os
import subprocess
import sys
import tarfile
import tempfile

launcher, expected, *layers = sys.argv[1:]
with tempfile.TemporaryDirectory(dir=os.environ["TEST_TMPDIR"]) as image:
    for layer in layers:
        with tarfile.open(layer) as tar:
            for member in tar:
                # Root would give each file to the owner that the image says.
                member.uid, member.gid = os.getuid(), os.getgid()
                tar.extract(member, image)
    # As a container starts it: nothing of the test's own runfiles in the environment.
    said = subprocess.run(
        [os.path.join(image, launcher)], env={"PATH": os.environ["PATH"]}, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
if said != expected + "\n":
    sys.exit(f"{launcher} says {said!r}, not {expected!r}")
