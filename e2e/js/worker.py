"""Multiplies its arguments, by the interpreter that stands in the image."""

import math
import sys

print(math.prod(int(word) for word in sys.argv[1:]), ".runfiles/" in sys.executable)
