"""Prints what an execution log of Bazel (--execution_log_json_file) says of actions.

usage: spawns.py [--ran] LOG [MNEMONIC...]    MNEMONIC RUNNER OUTPUT of each that was no cache hit
       spawns.py --hits LOG [MNEMONIC...]     the same of each that was one
       spawns.py --digests LOG [MNEMONIC...]  what sha256sum says of the outputs of each
       spawns.py --inputs LOG [MNEMONIC...]   MNEMONIC INPUT of each, once for each input
"""

import json
import os
import sys


def spawns(path: str):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    decoder = json.JSONDecoder()
    position = 0
    while position < len(text):
        spawn, position = decoder.raw_decode(text, position)
        while position < len(text) and text[position].isspace():
            position += 1
        yield spawn


def main(arguments: list[str]) -> None:
    option = arguments.pop(0) if arguments[0].startswith("--") else "--ran"
    log, *mnemonics = arguments
    rows = []
    for spawn in spawns(log):
        if mnemonics and spawn.get("mnemonic") not in mnemonics:
            continue
        if option == "--digests":
            rows.extend(f"{output['digest']['hash']}  {output['path']}" for output in spawn["actualOutputs"])
        elif option == "--inputs":
            rows.extend(f"{spawn['mnemonic']} {file['path']}" for file in spawn["inputs"])
        elif spawn.get("cacheHit", False) == (option == "--hits"):
            output = os.path.basename(spawn["listedOutputs"][0])
            rows.append(f"{spawn['mnemonic']} {spawn['runner']} {output}")
    print("\n".join(sorted(rows)))


main(sys.argv[1:])
