"""The first process of a container: orphans leave no zombies, signals arrive, and the exit code is that of the work."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# As process 1 does, it takes in whatever its descendants leave behind.
_START = """
import ctypes, os, signal, subprocess, sys, time
assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0
from modelmark.adapters.first_process import step_aside
step_aside()
"""


def started(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", _START + code], stdout=subprocess.PIPE, text=True)


def children(pid: int) -> list[str]:
    """The states of the children of a process."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = place.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == pid:
            found.append(state)
    return found


def test_orphans_leave_no_zombies() -> None:
    code = """
for _ in range(5):
    subprocess.run(["sh", "-c", "setsid sleep 0.01 & exit 0"])
time.sleep(0.3)
print("made", flush=True)
time.sleep(60)
"""
    with started(code) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "made\n"
        deadline = time.monotonic() + 20
        while len(children(first.pid)) > 1 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert "Z" not in children(first.pid)
        assert len(children(first.pid)) == 1, "the one that works"
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_are_passed_on(number: int) -> None:
    code = f"""
signal.signal({int(number)}, lambda *_: os._exit(7))
print("ready", flush=True)
time.sleep(60)
"""
    with started(code) as first:
        assert first.stdout is not None
        first.stdout.readline()
        first.send_signal(number)
        assert first.wait(20) == 7


def test_its_exit_code_is_that_of_the_work() -> None:
    with started("sys.exit(3)") as first:
        assert first.wait(20) == 3
