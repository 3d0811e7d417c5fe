"""Says what it runs on."""

import platform

import numpy

print(platform.machine(), numpy.arange(5).dot(numpy.arange(5)))
