"""`modelmark watch` as a process of its own, and what it says while it runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

PATIENCE = 60.0


class WatchProcess:
    """Started at once; a context manager that leaves nothing running."""

    def __init__(self, url: str, target: Path, *options: str, env: Mapping[str, str] | None = None) -> None:
        words = ["watch", "m@prod", "--registry", url, "--to", str(target), "--every", "1s", *options]
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "modelmark", *words],
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **(env or {})},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> WatchProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.kill()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.lines.append(line.rstrip("\n"))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def until(self, words: str, count: int = 1) -> None:
        """Wait until it has said this, so many times."""
        deadline = time.monotonic() + PATIENCE
        while self.text.count(words) < count:
            assert self._process.poll() is None, f"it ended: {self.text}"
            assert time.monotonic() < deadline, f"{words!r} was not said: {self.text}"
            time.sleep(0.02)

    def page(self, path: str) -> tuple[int, str]:
        """What it answers over HTTP."""
        self.until("health on ")
        url = next(line for line in self.lines if "health on " in line).rpartition(" ")[2]
        try:
            with urlopen(f"{url}{path}", timeout=20) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def version(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.page("/version")[1])
        return found

    def figure(self, name: str) -> float:
        lines = self.page("/metrics")[1].splitlines()
        return next(float(line.split(" ")[-1]) for line in lines if line.startswith(f"{name} "))

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; the exit code."""
        self._process.send_signal(number)
        code = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        if self._process.stderr is not None:
            self._process.stderr.close()

    @property
    def pid(self) -> int:
        return self._process.pid
