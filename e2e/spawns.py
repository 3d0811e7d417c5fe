"""Prints MNEMONIC RUNNER OUTPUT of each action in a Bazel execution log that was not a cache hit.

usage: spawns.py LOG [MNEMONIC...]    (LOG by --execution_log_json_file)
"""

import json
import os
import sys

text = open(sys.argv[1], encoding="utf-8").read()
decoder = json.JSONDecoder()
rows = []
position = 0
while position < len(text):
    spawn, position = decoder.raw_decode(text, position)
    while position < len(text) and text[position].isspace():
        position += 1
    wanted = not sys.argv[2:] or spawn.get("mnemonic") in sys.argv[2:]
    if wanted and not spawn.get("cacheHit"):
        output = os.path.basename(spawn["listedOutputs"][0])
        rows.append(f"{spawn['mnemonic']} {spawn['runner']} {output}")
print("\n".join(sorted(rows)))
