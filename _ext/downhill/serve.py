"""Serve a built book on this machine, compressed as a good web server would.

`python serve.py FOLDER [PORT]`; needs the standard library only. Tests and audits use `serving`.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

COMPRESSIBLE = {
    ".html",
    ".css",
    ".js",
    ".svg",
    ".json",
    ".txt",
    ".md",
    ".ipynb",
    ".inv",
}
LOOPBACK = "127.0.0.1"


class Handler(SimpleHTTPRequestHandler):
    """Files of one folder, text compressed once and kept."""

    protocol_version = "HTTP/1.1"
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".woff2": "font/woff2"}
    compressed: dict[tuple[str, int], bytes] = {}

    def do_GET(self) -> None:
        """Send a file, gzipped where the browser accepts that and it helps."""
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path = path / "index.html"
        accepts = "gzip" in self.headers.get("Accept-Encoding", "")
        if not (accepts and path.is_file() and path.suffix in COMPRESSIBLE):
            super().do_GET()
            return
        key = (str(path), path.stat().st_mtime_ns)
        if key not in self.compressed:
            self.compressed[key] = gzip.compress(path.read_bytes(), 9)
        body = self.compressed[key]
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def guess_type(self, path: Any) -> str:
        """The media type, with the encoding of all our text."""
        kind = super().guess_type(path)
        return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


def server(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """A server for a folder, not yet running; port 0 takes a free one."""
    return ThreadingHTTPServer((LOOPBACK, port), partial(Handler, directory=str(folder)))


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder in the background and give its URL."""
    running = server(folder)
    Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"http://{LOOPBACK}:{running.server_port}/"
    finally:
        running.shutdown()
        running.server_close()


def main(folder: str, port: str = "8000") -> None:
    """Serve until interrupted; take another port if that one is in use."""
    if not (Path(folder) / "index.html").is_file():
        sys.exit(f"There is no book in {folder} yet: run `make book` first.")
    try:
        running = server(Path(folder), int(port))
    except OSError:
        running = server(Path(folder))
    print(f"http://{LOOPBACK}:{running.server_port}/  (Ctrl-C ends it)", flush=True)
    try:
        running.serve_forever()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main(*sys.argv[1:])
