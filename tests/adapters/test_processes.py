"""Programs end within their limits, and leave nothing running."""

from __future__ import annotations

import sys
import time

import pytest

from modelmark.adapters.processes import Finished, Limits, Program, python_env, run_limited
from modelmark.errors import CouldNot


def python(code: str, limits: Limits, stdin: bytes = b"") -> Finished:
    return run_limited(Program([sys.executable, "-I", "-c", code], stdin, python_env()), limits)


def test_input_output_and_status_come_through() -> None:
    code = "import sys; print(sys.stdin.read().upper()); print('oops', file=sys.stderr); sys.exit(3)"
    assert python(code, Limits(seconds=20), b"text") == Finished(3, b"TEXT\n", b"oops\n")


def test_it_sees_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "s3cret")
    assert python("import os; print('SECRET_TOKEN' in os.environ)", Limits(seconds=20)).out == b"False\n"


def test_time_ends_it_and_its_children() -> None:
    started = time.monotonic()
    done = python(
        "import subprocess, sys, time; subprocess.Popen(['sleep', '60']); print('begun', flush=True); time.sleep(60)",
        Limits(seconds=1),
    )
    assert (done.timed_out, done.out) == (True, b"begun\n")
    assert time.monotonic() - started < 20


def test_memory_is_limited() -> None:
    done = python("x = bytearray(1 << 30)", Limits(seconds=20, memory_mb=512))
    assert done.status == 1
    assert b"MemoryError" in done.err


def test_endless_output_is_cut() -> None:
    done = python("import sys\nwhile True: sys.stdout.write('x' * 65536)", Limits(seconds=20, output_mb=1))
    assert len(done.out) == 1 << 20
    assert done.status != 0


def test_a_program_that_is_not_there_is_said() -> None:
    with pytest.raises(CouldNot, match=r"/nowhere/tool cannot be started: No such file"):
        run_limited(Program(["/nowhere/tool"]), Limits())
