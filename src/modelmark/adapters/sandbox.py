"""Runs code of a bundle where it can do no harm, and hides how: bubblewrap, with a supervisor of ours inside.

Inside there is no network, no environment, no home, no repository: only the system's programs and libraries, the
Python in use, the packages, the artifacts (all read-only), and a private /tmp and /dev/shm of limited size. Users,
processes, IPC and host name are its own; there are no capabilities, and no further user namespaces. What runs there
ends with its first process, our supervisor (see `sandbox_supervisor`), which alone says how it ended.

What is guaranteed: leaving early, crashing, hanging, printing or writing anything, changing exit codes and leaving
processes behind never look like the end of a run. What is not: a driver shares its process with the code that it
runs, so code that is determined to lie about its own tests can. They are their authors' own statement, and they are
reviewed like one.
"""

from __future__ import annotations

import functools
import json
import os
import secrets
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.adapters.processes import Limits, Program, run_limited
from modelmark.domain.names import shown
from modelmark.errors import CouldNot, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modelmark.domain.json_values import Json

_SUPERVISOR = Path(__file__).with_name("sandbox_supervisor.py")
# The interpreter that virtual environments are made of, free of links, so that its own folder is all it needs.
BASE_PYTHON = Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()
_SYSTEM = (
    *("/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/share"),
    *("/usr/local/bin", "/usr/local/lib", "/usr/local/lib64"),
    *("/etc/ld.so.cache", "/etc/alternatives"),
)
_LINKED = ("/bin", "/lib", "/lib32", "/lib64")
_BUNDLE = Path("/bundle")
_DRIVER = Path("/driver")
_SCRATCH_MB = 256
_REPORT_KB = 4 << 10
_INSTALL = (
    "install bubblewrap 0.8 or newer (apt-get install bubblewrap) and let users make user namespaces (on Ubuntu 24.04: "
    "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0); on a machine of your own that has nothing to lose, "
    "`modelmark check --unsandboxed` runs it without"
)
_ENDED = {
    "time": "it was still running after {seconds:g} s",
    "memory": "it used more than {memory_mb} MiB of memory",
    "processes": "it started more than {processes} processes",
    "output": "it printed or answered more than 4 MiB",
}


@dataclass(frozen=True)
class Environment:
    """A Python with packages: its interpreter, and the folders that it needs besides the base interpreter's."""

    python: Path
    folders: tuple[Path, ...]


@dataclass(frozen=True)
class Job:
    """A driver of ours that runs code of a bundle.

    Attributes:
        driver: the file of the driver; it gets `request` and a `key` on stdin, and the descriptor for its reports as
            its last argument. A report is a line: the key, a space, JSON.
        bundle: the folder with the artifacts; the driver finds it as its working directory.
    """

    driver: Path
    bundle: Path
    environment: Environment
    request: Mapping[str, Json]


@dataclass(frozen=True)
class Ended:
    """How a job ended.

    Attributes:
        reports: what the driver reported, in order.
        status: the exit code of the driver; negative = killed by that signal; None = it passed a limit.
        why: what ended it before its own end, in words; empty = nothing did.
        tail: the end of what it printed: hostile text.
    """

    reports: tuple[Json, ...]
    status: int | None
    why: str
    tail: str
    seconds: float


def run_job(job: Job, limits: Limits, *, sandboxed: bool = True) -> Ended:
    """Run a driver on a bundle.

    Raises:
        CouldNot: there is no working sandbox, or it broke.
        Refused: without a sandbox, on a CI machine.
    """
    ready(sandboxed=sandboxed)
    key = secrets.token_hex(16)
    order = {
        "args": [
            str(job.environment.python),
            "-I",
            str((_DRIVER if sandboxed else job.driver.parent) / job.driver.name),
        ],
        "input": json.dumps({**job.request, "key": key}),
        "seconds": limits.seconds,
        "memory_mb": limits.memory_mb,
        "processes": limits.processes or 64,
        "output_kb": _REPORT_KB,
    }
    done = _supervised(job, json.dumps(order).encode(), limits, sandboxed=sandboxed)
    return _understood(done, order, key)


def ready(*, sandboxed: bool = True) -> None:
    """Make sure that bundles can be run at all.

    Raises:
        CouldNot: there is no working sandbox.
        Refused: without a sandbox, on a CI machine.
    """
    if sandboxed:
        _probe(_bwrap())
    elif os.environ.get("CI", "").lower() not in ("", "0", "false"):
        raise Refused(
            "code of a bundle never runs without a sandbox in CI, where credentials are near",
            "leave --unsandboxed out",
        )


def _supervised(job: Job, order: bytes, limits: Limits, *, sandboxed: bool) -> Mapping[str, object]:
    supervisor = _DRIVER / _SUPERVISOR.name if sandboxed else _SUPERVISOR
    # The base interpreter without any packages: what a wheel brings along starts in the driver at the earliest.
    words = [str(BASE_PYTHON), "-I", "-S", str(supervisor)]
    outer = Limits(limits.seconds + 15, limits.memory_mb, max(limits.output_mb, 64))
    with tempfile.TemporaryDirectory(prefix="modelmark-run-") as scratch:
        env = _environment("/tmp" if sandboxed else scratch, job.environment)  # noqa: S108 - the sandbox's own
        if sandboxed:
            program = Program(
                [*_wrapped(_bwrap(), job.environment.folders), *_mounted(job, env), *words], order
            )
        else:
            program = Program(words, order, env, job.bundle)
        done = run_limited(program, outer)
    try:
        answer = json.loads(done.out) if done.status == 0 else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        said = shown(done.err.decode("utf-8", "replace").strip()[-400:], 400)
        raise CouldNot(f"the sandbox broke (exit code {done.status}): {said}", "try it again")
    return answer


def _understood(done: Mapping[str, object], order: Mapping[str, object], key: str) -> Ended:
    """Reports count only with their key; anything else in that pipe is somebody's attempt."""
    why = _ENDED[str(done["why"])].format_map(order) if done["why"] else ""
    reports: list[Json] = []
    lines = done["reports"]
    for line in lines if isinstance(lines, list) else ():
        try:
            start, text = str(line).split(" ", 1)
            if not secrets.compare_digest(start.encode(), key.encode()):
                raise ValueError(start)
            reports.append(json.loads(text, parse_constant=_refuse_constant))
        except (ValueError, RecursionError):
            why = why or "it wrote into the pipe that only our runner may use"
    status = done["status"]
    return Ended(
        tuple(reports),
        status if isinstance(status, int) else None,
        why,
        str(done["tail"]),
        float(str(done["seconds"])),
    )


def _refuse_constant(text: str) -> Json:
    raise ValueError(text)


def _environment(home: str, environment: Environment) -> dict[str, str]:
    """All that the code sees of the world; libraries keep to one thread, so that a run costs the same everywhere."""
    return {
        "PATH": f"{environment.python.parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "USER": "sandbox",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
    }


def _bwrap() -> str:
    found = shutil.which("bwrap")
    if found is None:
        raise CouldNot(
            "code of a bundle runs only in a sandbox, and bubblewrap (bwrap) is not installed", _INSTALL
        )
    return found


@functools.cache
def _probe(bwrap: str) -> None:
    """Run nothing in the whole sandbox: a version, a kernel or a container that lacks a part of it shows here."""
    done = run_limited(
        Program([*_wrapped(bwrap, ()), str(BASE_PYTHON), "-I", "-S", "-c", ""]), Limits(seconds=30)
    )
    if done.status != 0:
        said = shown(done.err.decode("utf-8", "replace").strip()[-200:], 200)
        raise CouldNot(
            f"code of a bundle runs only in a sandbox, and bubblewrap does not work here: {said}", _INSTALL
        )


def _wrapped(bwrap: str, folders: tuple[Path, ...]) -> list[str]:
    """The sandbox without a bundle."""
    return [
        bwrap,
        *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", "--disable-userns", "--cap-drop", "ALL"),
        *("--uid", "65534", "--gid", "65534", "--hostname", "sandbox"),
        *("--die-with-parent", "--new-session", "--as-pid-1", "--clearenv"),
        *_system(),
        # Where root starts a sandbox, it stays root to the kernel, which asks for no more to write its settings.
        *("--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"),
        *("--size", str(_SCRATCH_MB << 20), "--perms", "1777", "--tmpfs", "/dev/shm", "--remount-ro", "/dev"),  # noqa: S108
        *("--size", str(_SCRATCH_MB << 20), "--perms", "1777", "--tmpfs", "/tmp"),  # noqa: S108
        *(word for folder in folders for word in _shown_at(folder)),
    ]


def _mounted(job: Job, env: Mapping[str, str]) -> list[str]:
    files = (_SUPERVISOR, job.driver)
    return [
        *(word for file in files for word in ("--ro-bind", str(file), str(_DRIVER / file.name))),
        *("--ro-bind", str(job.bundle), str(_BUNDLE), "--chdir", str(_BUNDLE), "--remount-ro", "/"),
        *(word for name, value in env.items() for word in ("--setenv", name, value)),
    ]


def _system() -> Iterator[str]:
    """Programs and libraries, and never all of /usr: some images keep their sources there."""
    for path in map(Path, _LINKED):
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.is_dir():
            yield from _shown_at(path)
    prefix = BASE_PYTHON.parent.parent
    own = (prefix / name for name in ("bin", "lib", "lib64"))
    for path in dict.fromkeys((*map(Path, _SYSTEM), *own)):
        if path.exists():
            yield from _shown_at(path)


def _shown_at(path: Path) -> tuple[str, str, str]:
    """Read-only, at the place where it is outside: interpreters know their libraries by path."""
    return ("--ro-bind", str(path.resolve()), str(path))
