"""Git servers on loopback, and a proxy that counts what a client receives."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from bench.git_text import environment

_HOST = "127.0.0.1"


@contextmanager
def git_daemon(folder: Path) -> Iterator[int]:
    """`git daemon` over every repository below a folder; its port."""
    port = free_port()
    options = ["--reuseaddr", f"--listen={_HOST}", f"--port={port}", "--export-all", f"--base-path={folder}"]
    process = subprocess.Popen(
        ["git", "daemon", *options, str(folder)],
        env=environment(),
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(port)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


@dataclass
class Tally:
    """What a server was asked, and how much it answered."""

    requests: int = 0
    sent: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, sent: int) -> None:
        """One more answer, of so many bytes."""
        with self._lock:
            self.requests += 1
            self.sent += sent


class _Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


@contextmanager
def http_server(folder: Path, counted: Tally | None = None) -> Iterator[int]:
    """`git http-backend` over every repository below a folder; its port."""

    class Handler(_Backend):
        root = folder
        tally = counted or Tally()

    server = _Server((_HOST, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class _Backend(BaseHTTPRequestHandler):
    """CGI, as far as Git needs it."""

    protocol_version = "HTTP/1.1"
    root: Path
    tally: Tally

    def do_GET(self) -> None:
        """Advertisement."""
        self._serve(b"")

    def do_POST(self) -> None:
        """One request of the protocol."""
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""

    def _serve(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        about = {
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            env={**environment(), **about},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = [line.partition(": ") for line in head.decode("latin-1").split("\r\n")]
        status = next((int(value[:3]) for key, _, value in fields if key == "Status"), 200)
        self.send_response(status)
        for key, _, value in fields:
            if key not in ("Status", "Content-Length"):
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.tally.add(len(head) + len(content))


class Counter:
    """A TCP proxy before a port of this machine; `received` is what its clients got, in bytes."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._socket = socket.create_server((_HOST, 0))
        self.port: int = self._socket.getsockname()[1]
        self.received = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more clients."""
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                server = socket.create_connection((_HOST, self._target))
                threading.Thread(target=self._copy, args=(client, server, False), daemon=True).start()
                threading.Thread(target=self._copy, args=(server, client, True), daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket, count: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if count:
                    self.received += len(data)
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


def free_port() -> int:
    with socket.create_server((_HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def wait_for(port: int) -> None:
    for _ in range(200):
        with suppress(OSError), socket.create_connection((_HOST, port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError("git daemon did not start")
