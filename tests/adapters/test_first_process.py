"""As process 1 of a container: orphans are buried, signals passed on, and the exit code is the program's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from modelmark.adapters.first_process import go_on_below

_ALONE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]
_PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from modelmark.adapters.first_process import go_on_below

assert os.getpid() == 1
go_on_below()
assert os.getppid() == 1
for _ in range(5):
    parent = os.fork()
    if parent == 0:
        if os.fork() == 0:
            time.sleep(0.05)
        os._exit(0)
    os.waitpid(parent, 0)
for _ in range(500):
    time.sleep(0.02)
    others = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    if sorted(others) == [1, os.getpid()]:
        break
print(len(others))
"""


def _can() -> bool:
    return (
        shutil.which("unshare") is not None and subprocess.run([*_ALONE, "true"], check=False).returncode == 0
    )


def alone(rest: str) -> subprocess.CompletedProcess[str]:
    words = [*_ALONE, sys.executable, "-c", _PROGRAM + rest]
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.skipif(not _can(), reason="no process namespace of one's own here")
@pytest.mark.parametrize(
    ("rest", "code"),
    [
        ("sys.exit(3)", 3),
        ("os.kill(os.getpid(), signal.SIGKILL)", 137),
        (
            "signal.signal(signal.SIGTERM, lambda *_: os._exit(7)); os.kill(1, signal.SIGTERM); time.sleep(60)",
            7,
        ),
    ],
)
def test_it_buries_who_lost_their_parents_and_ends_as_the_program_does(rest: str, code: int) -> None:
    done = alone(rest)
    assert (done.stdout, done.returncode) == ("2\n", code), done.stderr


def test_any_other_process_goes_on_as_it_is() -> None:
    before = os.getpid()
    go_on_below()
    assert os.getpid() == before
