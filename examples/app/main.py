"""Serves a table over HTTP, fetches it again and prints what it says."""

import functools
import http.server
import io
import os
import threading

import pandas
import requests

from stats import summary


def main() -> None:
    folder = os.path.dirname(os.path.abspath(__file__))
    handler = functools.partial(QuietHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        reply = requests.get(f"http://127.0.0.1:{server.server_port}/cities.csv", timeout=10)
        server.shutdown()
    reply.raise_for_status()
    for line in summary.lines(pandas.read_csv(io.StringIO(reply.text))):
        print(line)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    main()
