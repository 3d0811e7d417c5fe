"""Says what it runs on, and what compiled code of a wheel and of an sdist computes there."""

import platform

# Without it crcmod would compute in Python.
import crcmod._crcfunext
import crcmod.predefined
import numpy

crc = crcmod.predefined.mkCrcFun("crc-32")
print(platform.machine(), numpy.arange(5).dot(numpy.arange(5)), hex(crc(b"123456789")))
