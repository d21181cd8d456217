"""The first process of a sandbox: starts the driver that runs a bundle's code, watches it, tells how it ended.

It runs as a file in an interpreter without any packages, and never imports anything of the bundle. Inside the sandbox
it is process 1: the kernel lets no signal from inside end or stop it, and it forbids others to look into it, so that
what it writes on stdout is what it saw. When it exits, the kernel ends everything that the bundle left running.

It reads from stdin one JSON object: `args` and `input` of the driver and the limits `seconds`, `memory_mb`,
`processes`, `output_kb`. It gives the driver a pipe for its reports (the number of the descriptor is the last
argument), and writes one JSON object: `status` (None = ended by us), `why` (the limit), `reports`, `tail`, `seconds`.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

_LOOK_EVERY = 0.05  # seconds between two looks at the processes
_TAIL = 8 << 10
_SET_DUMPABLE = 4
_PROC = Path("/proc")


class _Stream:
    """What comes out of one pipe: all of it, or its end."""

    def __init__(self, *, whole: bool) -> None:
        self.out, self.into = os.pipe()
        os.set_blocking(self.out, False)
        self.kept = bytearray()
        self.total = 0
        self._whole = whole

    def take(self) -> bool:
        """Read what is there; returns whether more may come."""
        try:
            data = os.read(self.out, 1 << 16)
        except BlockingIOError:
            return True
        self.total += len(data)
        self.kept += data
        if not self._whole:
            del self.kept[:-_TAIL]
        return bool(data)

    def drain(self, limit: int) -> None:
        """Read what is left, as far as the limit."""
        before = -1
        while before != self.total and self.total <= limit:
            before = self.total
            self.take()

    @property
    def text(self) -> str:
        return self.kept.decode("utf-8", "replace")


class _Watch:
    """Says which limit was passed. Processes and their memory are counted where all that exist are the sandbox's."""

    def __init__(self, job: dict[str, Any], *, alone: bool) -> None:
        self._job = job
        self._alone = alone
        self._deadline = time.monotonic() + job["seconds"]
        self._next = 0.0

    def passed(self, *streams: _Stream) -> str:
        now = time.monotonic()
        if now > self._deadline:
            return "time"
        if any(one.total > self._job["output_kb"] << 10 for one in streams):
            return "output"
        if not self._alone or now < self._next:
            return ""
        self._next = now + _LOOK_EVERY
        return self._counted()

    def _counted(self) -> str:
        pids = [name for name in os.listdir(_PROC) if name.isdigit()]  # noqa: PTH208 - names are all it needs
        pages = 0
        for pid in pids:
            with suppress(OSError):
                pages += int((_PROC / pid / "statm").read_text().split()[1])
        if len(pids) - 1 > self._job["processes"]:
            return "processes"
        return "memory" if pages * resource.getpagesize() > self._job["memory_mb"] << 20 else ""


def supervise(job: dict[str, Any]) -> dict[str, object]:
    """Run the driver to its end, or to the end of what it may use."""
    alone = os.getpid() == 1
    reports, printed = _Stream(whole=True), _Stream(whole=False)
    started = time.monotonic()
    watch = _Watch(job, alone=alone)
    child = _start(job, reports, printed, alone=alone)
    status, why = None, ""
    with selectors.DefaultSelector() as selector:
        for stream in (reports, printed):
            selector.register(stream.out, selectors.EVENT_READ, stream)
        while status is None and not why:
            for key, _ in selector.select(_LOOK_EVERY):
                if not key.data.take():
                    selector.unregister(key.fd)
            status = _reap(child.pid)
            why = "" if status is not None else watch.passed(reports, printed)
    child.returncode = status or 0
    with suppress(ProcessLookupError, PermissionError):
        os.kill(-1 if alone else -child.pid, signal.SIGKILL)
    for stream in (reports, printed):
        stream.drain(job["output_kb"] << 10)
    return {
        "status": status,
        "why": why or watch.passed(reports, printed),
        "reports": reports.text.splitlines(),
        "tail": printed.text,
        "seconds": round(time.monotonic() - started, 3),
    }


def _start(
    job: dict[str, Any], reports: _Stream, printed: _Stream, *, alone: bool
) -> subprocess.Popen[bytes]:
    most = job["processes"]

    def limit() -> None:
        if alone:  # elsewhere it would count everything that this user runs
            resource.setrlimit(resource.RLIMIT_NPROC, (most, most))

    with tempfile.TemporaryFile() as given:
        given.write(job["input"].encode())
        given.seek(0)
        child = subprocess.Popen(
            [*job["args"], str(reports.into)],
            stdin=given,
            stdout=printed.into,
            stderr=printed.into,
            pass_fds=(reports.into,),
            start_new_session=True,
            preexec_fn=limit,  # noqa: PLW1509 - this process has no threads
        )
    os.close(reports.into)
    os.close(printed.into)
    return child


def _reap(wanted: int) -> int | None:
    """Take the status of every process that ended; returns that of one, when it is among them."""
    found = None
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            if pid == wanted:
                found = os.waitstatus_to_exitcode(status)
    return found


def main() -> None:
    """See the module."""
    if ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError("this process cannot be closed to others")
    # Python's own handler would let a signal from inside through.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    json.dump(supervise(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
