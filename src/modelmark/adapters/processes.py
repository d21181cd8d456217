"""Starts other programs, and hides how: no shell, a clean environment, limits on time, memory and output.

Everything that reads hostile bytes with a library (a pickle scanner, a tokenizer) or runs somebody's code does it in a
process of its own, started here. The limits of the process itself are rlimits; keeping it from the network and from
other files is the sandbox's part.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from modelmark.errors import CouldNot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_MIB = 1 << 20
_PIPE = 64 * 1024  # a pipe holds no more
_TICK = 0.05
_LAST_SECONDS = 5.0  # for a process that was killed


@dataclass(frozen=True)
class Limits:
    """What a process may use.

    Attributes:
        seconds: wall-clock time; its processor time gets the same limit.
        memory_mb: address space of each process, in MiB.
        output_mb: what it may print on either stream, in MiB; more ends it.
    """

    seconds: float = 60
    memory_mb: int = 4096
    output_mb: int = 4
    processes: int | None = None


@dataclass(frozen=True)
class Finished:
    """How a process ended.

    Attributes:
        status: its exit code; negative = killed by that signal.
        out: what it printed on stdout, cut at the limit.
        err: the same of stderr.
        timed_out: it was ended because its time was over.
    """

    status: int
    out: bytes
    err: bytes
    timed_out: bool = False


@dataclass(frozen=True)
class Program:
    """One program to run: an argument list, its input, its whole environment and where it starts."""

    args: Sequence[str]
    stdin: bytes = b""
    env: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None


def run_limited(program: Program, limits: Limits) -> Finished:
    """Run a program to its end, or to the end of what it may use; nothing of it is left running.

    Raises:
        CouldNot: it cannot be started.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = _start(program, out, err, _limiter(limits))
        timed_out = False
        try:
            process.wait(timeout=limits.seconds)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            _end(process)
        cut = limits.output_mb * _MIB
        return Finished(_status(process), _read(out, cut), _read(err, cut), timed_out)


def run_told(program: Program, seconds: float, output: int) -> Finished:
    """Run a program of the user's own, limited in time alone; nothing of it is left running.

    Args:
        program: what to run.
        seconds: how long it may take.
        output: how many bytes of what it prints last (on either stream) are kept; the rest is read and thrown away.

    Raises:
        CouldNot: it cannot be started.
    """
    process = _start(program, subprocess.PIPE, subprocess.STDOUT)
    assert process.stdout is not None
    kept = bytearray()
    with process.stdout as stream:
        try:
            timed_out = _drain(process, stream.fileno(), kept, output, time.monotonic() + seconds)
        finally:
            _end(process)
    return Finished(_status(process), bytes(kept), b"", timed_out)


def _start(
    program: Program, out: IO[bytes] | int, err: IO[bytes] | int, before: Callable[[], None] | None = None
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own; its input is a file, so that nobody waits for it to be read."""
    with tempfile.TemporaryFile() as given:
        given.write(program.stdin)
        given.seek(0)
        try:
            return subprocess.Popen(
                list(program.args),
                stdin=given,
                stdout=out,
                stderr=err,
                env=dict(program.env),
                cwd=program.folder,
                start_new_session=True,
                close_fds=True,
                preexec_fn=before,  # noqa: PLW1509 - given only where no thread of ours holds a lock
            )
        except OSError as error:
            raise CouldNot(f"{program.args[0]} cannot be started: {error.strerror}") from error


def _drain(
    process: subprocess.Popen[bytes], handle: int, kept: bytearray, output: int, deadline: float
) -> bool:
    """Read what a process prints until it ends, whoever else holds its streams; whether its time was over first."""
    open_, ended = True, False
    while not ended:
        left = deadline - time.monotonic()
        if left <= 0:
            return True
        ended = process.poll() is not None  # and what it printed before is read once more
        if open_ and select.select([handle], [], [], 0 if ended else min(left, _TICK))[0]:
            data = os.read(handle, _PIPE)
            kept += data
            del kept[:-output]
            open_ = data != b""
        elif not ended and not open_:
            time.sleep(min(left, _TICK))
    return False


def python_env() -> dict[str, str]:
    """The environment for a Python of ours that reads hostile bytes: nothing of the user's but where to find programs."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
    }


def own_python(module: str, *args: str) -> list[str]:
    """The argument list that runs a module of ours in an isolated interpreter."""
    return [sys.executable, "-I", "-m", module, *args]


def _limiter(limits: Limits) -> Callable[[], None]:
    wanted = {
        resource.RLIMIT_AS: limits.memory_mb * _MIB,
        resource.RLIMIT_CPU: int(limits.seconds) + 1,
        resource.RLIMIT_FSIZE: max(limits.output_mb, 1) * _MIB,
        resource.RLIMIT_CORE: 0,
    }
    if limits.processes is not None:
        wanted[resource.RLIMIT_NPROC] = limits.processes

    def apply() -> None:
        for kind, most in wanted.items():
            hard = resource.getrlimit(kind)[1]
            top = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (top, top))

    return apply


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its group; one that cannot be killed (another user's, or stuck in the kernel) is left."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_LAST_SECONDS)


def _status(process: subprocess.Popen[bytes]) -> int:
    return -signal.SIGKILL if process.returncode is None else process.returncode


def _read(stream: IO[bytes], limit: int) -> bytes:
    stream.seek(0)
    return stream.read(limit)
