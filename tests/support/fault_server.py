"""A storage over HTTP on loopback that can be told to fail in each of the ways that servers fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

PAGE = b"<!doctype html><html><body><form>Please log in</form></body></html>"
_LONGEST = 20.0  # seconds that a server which never ends goes on, so that a broken test does


class FaultServer(ThreadingHTTPServer):
    """Serves the files of a folder; `faults` says by path suffix (or "" = all) what happens instead."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.faults: dict[str, str] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()
        self.elsewhere = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what these tests are about."""


@contextmanager
def fault_server(folder: Path) -> Iterator[FaultServer]:
    """A server of a folder, on loopback."""
    server = FaultServer(folder)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultServer
    faults: ClassVar[dict[str, Callable[[_Handler, bytes], None]]] = {}

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers.items())))
        fault = next((what for end, what in self.server.faults.items() if self.path.endswith(end)), "")
        place = self.server.folder / self.path.lstrip("/")
        if fault.isdigit():
            self._answer(int(fault), b"no")
        elif not place.is_file():
            self._answer(404, b"not here")
        else:
            with suppress(OSError):
                self.faults[fault](self, place.read_bytes())

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def well(self, data: bytes) -> None:
        asked = self.headers.get("Range", "").removeprefix("bytes=").partition("-")[0]
        start = int(asked or 0)
        if not asked:
            self._answer(200, data)
        elif start >= len(data):
            self._answer(416, b"", Content_Range=f"bytes */{len(data)}")
        else:
            part = data[start:]
            self._answer(206, part, Content_Range=f"bytes {start}-{len(data) - 1}/{len(data)}")

    def without_ranges(self, data: bytes) -> None:
        self._answer(200, data)

    def stalled(self, _: bytes) -> None:
        self.server.over.wait(_LONGEST)

    def stalled_in_the_middle(self, data: bytes) -> None:
        self._head(len(data))
        self.wfile.write(data[: len(data) // 2])
        self.wfile.flush()
        self.server.over.wait(_LONGEST)

    def dripping(self, data: bytes) -> None:
        self._head(len(data))
        for place in range(len(data)):
            self.wfile.write(data[place : place + 1])
            self.wfile.flush()
            if self.server.over.wait(0.05):
                return

    def truncated(self, data: bytes) -> None:
        self._head(len(data))
        self.wfile.write(data[: len(data) // 2])
        self.close_connection = True

    def truncated_without_length(self, data: bytes) -> None:
        self._head(None)
        self.wfile.write(data[: len(data) // 2])
        self.close_connection = True

    def endless(self, data: bytes) -> None:
        self._head(None)
        with suppress(OSError):
            while not self.server.over.is_set():
                self.wfile.write(data or b"\0" * 65536)
        self.close_connection = True

    def login_page(self, _: bytes) -> None:
        self._answer(200, PAGE, Content_Type="text/html")

    def other_bytes(self, data: bytes) -> None:
        self._answer(200, bytes(byte ^ 1 for byte in data[:1]) + data[1:])

    def hanging_up(self, _: bytes) -> None:
        self.close_connection = True

    def no_http(self, _: bytes) -> None:
        self.wfile.write(b"\x00\x01\x02 this is something else\r\n\r\n")
        self.close_connection = True

    def redirect(self, _: bytes) -> None:
        self._answer(302, b"", Location=f"{self.server.elsewhere}{self.path}")

    def redirect_for_ever(self, _: bytes) -> None:
        self._answer(302, b"", Location=self.path)

    def redirect_to_nowhere(self, _: bytes) -> None:
        self._answer(302, b"", Location="http://[")

    def cut_often(self, data: bytes) -> None:
        """Sends three megabytes and breaks, whatever was asked for."""
        start = int(self.headers.get("Range", "bytes=0-")[6:].partition("-")[0])
        part = data[start : start + (3 << 20)]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(part)
        self.close_connection = True

    def _head(self, length: int | None) -> None:
        self.send_response(200)
        if length is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()


_Handler.faults = {
    "": _Handler.well,
    **{
        name.replace("_", " "): getattr(_Handler, name)
        for name in vars(_Handler)
        if not name.startswith(("_", "do_"))
        and name not in ("faults", "log_message", "well")
        and callable(getattr(_Handler, name))
    },
}
