"""As process 1 of a container: orphans are buried, signals passed on, and the exit code is the program's."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.skipif(not _can(), reason="no process namespace of one's own here")
def test_ctrl_c_of_a_terminal_comes_once_and_one_of_a_person_is_passed_on() -> None:
    program = """
import os, signal, sys, time
from modelmark.adapters.first_process import go_on_below
go_on_below()
came = []
signal.signal(signal.SIGINT, lambda *_: came.append(1))
print("ready", flush=True)
for more in (1, 2):
    while len(came) < more:
        time.sleep(0.01)
    time.sleep(0.3)
    print(len(came), flush=True)
    if more == 1:
        os.kill(1, signal.SIGINT)
"""
    ours, theirs = os.openpty()
    words = ["setsid", "--ctty", "--wait", *_ALONE, sys.executable, "-c", program]
    with subprocess.Popen(words, stdin=theirs, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "ready\n"
        os.write(ours, b"\x03")
        assert first.communicate(timeout=60)[0] == "1\n2\n"
    os.close(ours)
    os.close(theirs)


@pytest.mark.skipif(not _can(), reason="no process namespace of one's own here")
def test_a_command_that_is_no_watch_ends_when_it_is_told_to(tmp_path: Path) -> None:
    """A pull in an init container, whose Git hangs."""
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\nkill -TERM 1\nexec sleep 60\n")
    git.chmod(0o755)
    command = [
        sys.executable,
        "-m",
        "modelmark",
        "resolve",
        "m@prod",
        "--registry",
        "https://127.0.0.1:1/x.git",
    ]
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run([*_ALONE, *command], env=env, capture_output=True, timeout=50, check=False)
    assert done.returncode == 128 + signal.SIGTERM, done.stderr


def test_any_other_process_goes_on_as_it_is() -> None:
    before = os.getpid()
    go_on_below()
    assert os.getpid() == before
