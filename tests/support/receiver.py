"""A receiver of webhooks on loopback: it takes what is signed with its secret, and makes the trouble that a test asks for."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

SECRET = "s3cret-0f-b0th"
PATH = "/hooks/t0ken-in-the-path?key=t0ken-in-the-query"
Trouble = Callable[["Handler"], object]


@dataclass
class Receiver:
    """What it was sent; each entry of `trouble` answers one request: a status and headers, or anything.

    Attributes:
        events: the bodies whose signature was right.
        asked: how many requests came.
    """

    address: str = ""
    secret: str = SECRET
    events: list[Any] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    asked: int = 0
    trouble: list[int | tuple[int, dict[str, str]] | Trouble] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.address + PATH

    @property
    def environ(self) -> dict[str, str]:
        return {"MODELMARK_WEBHOOK_URL": self.url, "MODELMARK_WEBHOOK_SECRET": self.secret}


class Handler(BaseHTTPRequestHandler):
    receiver: ClassVar[Receiver]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        here = self.receiver
        here.asked += 1
        trouble = here.trouble.pop(0) if here.trouble else 204
        if callable(trouble):
            with suppress(OSError):  # who asked has hung up
                trouble(self)
            return
        status, more = (trouble, {}) if isinstance(trouble, int) else trouble
        right = hmac.new(here.secret.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(self.headers.get("X-Modelmark-Signature-256", ""), f"sha256={right}"):
            status = 401
        if status < 300:
            here.events.append(json.loads(body))
            here.headers.append(dict(self.headers))
        self.answer(status, more)

    def do_GET(self) -> None:
        self.receiver.asked += 1
        self.answer(200, {})

    def answer(self, status: int, more: Mapping[str, str]) -> None:
        words = f"no, not {self.path} with {self.receiver.secret}".encode() if status >= 300 else b""
        self.send_response(status)
        for key, value in more.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def endless(self, status: int) -> None:
        """A body that goes on until whoever reads it hangs up."""
        self.send_response(status)
        self.end_headers()
        for _ in range(100_000):
            self.wfile.write(b"." * 65_536)
        raise AssertionError("somebody has read six gigabytes")

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def receiver() -> Iterator[Receiver]:
    """One that runs until the block ends."""
    made = Receiver()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Handler,), {"receiver": made})) as server:
        made.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
