"""Says where it stands, and what stands there."""

import os
import sys

print(os.environ.get("GREETING", "hello"), os.path.exists("/etc/greeting"), sys.version_info[:2])
