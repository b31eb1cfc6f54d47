"""A web server of a folder, with range requests and with what goes wrong on the way."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class FileServer(ThreadingHTTPServer):
    """Serves the files of a folder.

    Attributes:
        folder: The folder.
        has_ranges: Whether a part of a file can be requested; otherwise the whole file is sent, as some servers do.
        num_failures: Number of coming requests of a part that are answered with status 503.
        parts: The parts that were sent, as (name, first byte).
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.has_ranges = True
        self.num_failures = 0
        self.parts: list[tuple[str, int]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/{self.folder.name}"


class _Handler(BaseHTTPRequestHandler):
    server: FileServer

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        name = self.path.rpartition("/")[2]
        file = self.server.folder / name
        if not file.is_file():
            self.send_error(404)
            return
        content, status = file.read_bytes(), 200
        requested = self.headers.get("Range", "") if self.server.has_ranges else ""
        if requested and self.server.num_failures:
            self.server.num_failures -= 1
            self.send_error(503)
            return
        if requested:
            begin, _, last = requested.removeprefix("bytes=").partition("-")
            content, status = content[int(begin) : int(last) + 1], 206
            self.server.parts.append((name, int(begin)))
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if with_body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of the base class
        pass


@contextmanager
def file_server(folder: Path) -> Iterator[FileServer]:
    """Serves a folder until the end of the block."""
    with FileServer(folder) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
