"""Answers over HTTP how a watch is: alive, ready, which version, metrics. Four pages, GET alone, nothing can be changed.

*Alive* = the next step came when it was due; a registry that is down does not make a watch less alive, because starting
it anew would not help. *Ready* = a verified release is visible, however old.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any

from modelmark.domain.names import shown
from modelmark.domain.watching import Watched
from modelmark.errors import CouldNot, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modelmark.domain.json_values import Json

_AT_ONCE = 16  # connections; one more ends the oldest, so that who only holds them keeps no probe out
_SECONDS = 10.0  # for one connection, from its first byte to its last
TEXT, JSON = "text/plain; charset=utf-8", "application/json"


@dataclass(frozen=True)
class Page:
    """One answer."""

    status: int
    body: bytes
    kind: str = TEXT


@dataclass
class Board:
    """What is known of a watch now; written by it, read by the threads of the server.

    Attributes:
        reference: what is watched.
        registry: where, without a password.
        clock: seconds, of the clock that the watch uses.
    """

    reference: str
    registry: str
    clock: Callable[[], float] = time.monotonic
    _now: tuple[Watched, float] = field(default=(Watched(""), float("inf")))

    def show(self, state: Watched, patience: float) -> None:
        """Take the state, and the seconds within which the next is due."""
        self._now = (state, self.clock() + patience)

    @property
    def state(self) -> Watched:
        """The state that was shown last."""
        return self._now[0]

    def age(self) -> float:
        """Seconds since the registry answered; infinite if it never did."""
        answered = self.state.answered_at
        return float("inf") if answered is None else max(0.0, self.clock() - answered)

    def live(self) -> Page:
        """Whether polls go on."""
        late = self.clock() - self._now[1]
        return Page(503, f"hangs: the last step is {late:.0f} s late\n".encode()) if late > 0 else _OK

    def ready(self) -> Page:
        """Whether a verified release is visible."""
        return _OK if self.state.visible is not None else Page(503, b"no release is visible yet\n")

    def version(self) -> Page:
        """What is visible, what is not and why, and how the registry answers."""
        return Page(200, (json.dumps(self._facts(), indent=2) + "\n").encode(), JSON)

    def _facts(self) -> dict[str, Json]:
        state, age = self.state, self.age()
        visible, rejected, trouble = state.visible, state.rejected, state.trouble
        return {
            "reference": self.reference,
            "registry": self.registry,
            "model": visible.model if visible else None,
            "version": visible.version if visible else None,
            "tag": visible.tag if visible else None,
            "assignment": (visible.assignment or None) if visible else None,
            "assignment_id": (visible.assignment_id or None) if visible else None,
            "manifest_sha256": visible.manifest_sha256 if visible else None,
            "accepted": state.accepted is not None and state.accepted == visible,
            "rejected": None
            if rejected is None
            else {
                "assignment": rejected.assignment,
                "version": rejected.version,
                "tries": rejected.tries,
                "why": rejected.why,
            },
            "ignored": state.ignored or None,
            "unreported": state.unreported or None,
            "unwritten": state.unwritten or None,
            "failures_in_a_row": state.failures,
            "trouble": None if trouble is None else {"kind": trouble.kind, "message": trouble.message},
            "seconds_since_answer": None if age == float("inf") else round(age, 1),
        }


_OK = Page(200, b"ok\n")


def parse_address(text: str) -> tuple[str, int]:
    """`127.0.0.1:9100`, `[::1]:9100`; port 0 is any free one.

    Raises:
        InvalidInput: it is none.
    """
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    digits = port.isascii() and port.isdigit() and len(port) <= 5
    if not colon or not (host.isascii() and host.isprintable() and host) or not digits or int(port) > 65535:
        raise InvalidInput(
            f"{shown(text)} is not an address to listen on", "for example --health 127.0.0.1:9100"
        )
    return host, int(port)


@contextmanager
def serving(address: tuple[str, int], board: Board, metrics: Callable[[], Page]) -> Iterator[str]:
    """Answer in the background; gives the URL.

    Raises:
        CouldNot: the address cannot be listened on.
    """
    pages = {
        "/healthz": board.live,
        "/readyz": board.ready,
        "/version": board.version,
        "/metrics": metrics,
    }
    handler = type("Handler", (_Handler,), {"pages": pages})
    kind = _Server6 if ":" in address[0] else _Server
    try:
        server = kind(address, handler)
    except OSError as error:
        raise CouldNot(
            f"{address[0]}:{address[1]} cannot be listened on: {error.strerror or error}",
            "choose another with --health",
        ) from error
    with server:
        threading.Thread(target=server.serve_forever, args=(0.2,), daemon=True, name="health").start()
        host = f"[{address[0]}]" if ":" in address[0] else address[0]
        try:
            yield f"http://{host}:{server.server_address[1]}"
        finally:
            server.shutdown()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: dict[int, socket.socket] = {}
        self._lock = threading.Lock()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Without the name of this machine, which HTTPServer asks DNS for, however long that takes."""
        TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open[id(request)] = request
            oldest = self._open.pop(next(iter(self._open))) if len(self._open) > _AT_ONCE else None
        if oldest is not None:
            _hang_up(oldest)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        end = threading.Timer(_SECONDS, _hang_up, (request,))
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            with self._lock:
                self._open.pop(id(request), None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nobody's business."""


class _Server6(_Server):
    address_family = socket.AF_INET6


def _hang_up(request: socket.socket) -> None:
    with suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    pages: dict[str, Callable[[], Page]]
    server_version = "modelmark"
    sys_version = ""
    timeout = 5

    def do_GET(self) -> None:
        page = self.pages.get(self.path.partition("?")[0])
        self._answer(page() if page else Page(404, b"there are /healthz, /readyz, /version and /metrics\n"))

    def parse_request(self) -> bool:
        """Only GET goes on from here."""
        if not super().parse_request():
            return False
        if self.command != "GET":
            self._answer(Page(405, b"only GET\n"))
        return self.command == "GET"

    def log_message(self, format: str, *args: object) -> None:
        """Probes come every few seconds, and are nothing that happened."""

    def _answer(self, page: Page) -> None:
        self.send_response(page.status)
        self.send_header("Content-Type", page.kind)
        self.send_header("Content-Length", str(len(page.body)))
        self.send_header("Cache-Control", "no-store")
        if page.status == 405:
            self.send_header("Allow", "GET")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page.body)
