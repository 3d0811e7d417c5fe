"""The site that a release is downloaded from: server.py FOLDER PORT_FILE

Below /page a page is what each file is, as of a proxy that asks for a password; below /cut each
download ends in its middle.
"""

import http.server
import os
import sys

folder, port_file = sys.argv[1:]
PAGE = b"<!DOCTYPE html>\n<title>Sign in</title>\n"


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        kind, _, name = self.path[1:].partition("/")
        if kind == "page":
            self.begin(len(PAGE))
            self.wfile.write(PAGE)
        elif kind == "cut":
            with open(os.path.join(folder, name), "rb") as file:
                content = file.read()
            self.begin(len(content))
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
        else:
            super().do_GET()

    def begin(self, size):
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()


handler = lambda *arguments: Handler(*arguments, directory=folder)
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
    with open(port_file + ".tmp", "w") as file:
        file.write(str(server.server_port))
    os.rename(port_file + ".tmp", port_file)
    server.serve_forever()
