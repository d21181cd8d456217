"""Runs the command line in a process of its own, and kills that process at a chosen point, by SIGKILL.

The product has no failpoints. Here every function that changes something outside the process (refs, objects, files) is
wrapped, each call of one is an *effect* with a number and a name, and the process kills itself before or after the
N-th. Processes are forked from a server that has imported everything, which saves half a second for each.

    python -m tests.support.crash --kill 3 --before -- -C registry promote m@1 --to prod --reason why
"""

from __future__ import annotations

import argparse
import functools
import importlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, NoReturn

# Everything that has an effect, as module, object in it (or none) and names. `Path.rename`, `replace` and `symlink_to`
# are what makes a draft an object, a staged directory a release, and a release the visible one.
EFFECTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "modelmark.adapters.git_writer",
        "GitWriter",
        ("commit_files", "make_tag", "create_refs", "move_branch"),
    ),
    (
        "modelmark.adapters.git_remote",
        "GitRemote",
        ("learn_head", "fetch_main", "fetch_commit", "fetch_tags", "fetch_branches", "push"),
    ),
    ("modelmark.adapters.dvc", "DvcStorage", ("add", "push", "fetch")),
    ("modelmark.adapters.github_rest", "Rest", ("_once",)),
    ("modelmark.adapters.releases", "Directories", ("publish", "remember", "_remove", "_prune")),
    ("modelmark.adapters.releases", "", ("swap", "_write_about", "sync_tree")),
    ("modelmark.adapters.object_cache", "ObjectCache", ("put", "sweep", "_settle")),
    ("modelmark.adapters.object_cache", "", ("_write", "second_name")),
    ("pathlib", "Path", ("rename", "replace", "symlink_to")),
)
_PATIENCE = 120.0
_ENOUGH = 2
NO, USAGE, COULD_NOT = 1, 2, 3  # exit codes


@dataclass(frozen=True)
class Kill:
    """Die before (or after) the effect with this number, counted from 1; 0 = never."""

    number: int = 0
    after: bool = False


@dataclass(frozen=True)
class Finished:
    """How a process ended: its exit code (-9 = killed), what it said, and the effects it came to."""

    code: int
    out: str
    err: str
    effects: tuple[str, ...] = ()

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


def says(done: Finished, code: int, *words: str) -> None:
    """The exit code, every one of the words, and no traceback."""
    said = done.out + done.err
    assert done.code == code, said
    assert "Traceback" not in said
    for word in words:
        assert word in said, f"{word!r} is not in: {said}"


class Running:
    """A command that was started and not waited for."""

    def __init__(
        self, args: Sequence[str], where: Path, kill: Kill | None, env: Mapping[str, str] | None
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="crash-")
        self._notes = Path(self._folder.name)
        self._process: ForkServerProcess = _server().Process(
            target=_run_modelmark, args=(list(args), str(where), kill, str(self._notes), dict(env or {}))
        )
        self._process.start()

    def wait(self) -> Finished:
        self._process.join(_PATIENCE)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
            raise TimeoutError(f"no end after {_PATIENCE:g} s: {self._read('err')}")
        code = self._process.exitcode
        effects = tuple(self._read("effects").splitlines())
        done = Finished(code, self._read("out"), self._read("err"), effects)
        self._folder.cleanup()
        return done

    def _read(self, name: str) -> str:
        path = self._notes / name
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def start_program(
    args: Sequence[str], where: Path, kill: Kill | None = None, env: Mapping[str, str] | None = None
) -> Running:
    """Start `modelmark` with these arguments in a directory."""
    return Running(args, where, kill, env)


def run_program(
    args: Sequence[str], where: Path, kill: Kill | None = None, env: Mapping[str, str] | None = None
) -> Finished:
    """Run `modelmark` to its end, or to its death."""
    return start_program(args, where, kill, env).wait()


def run_killed(
    args: Sequence[str], where: Callable[[], Path], *, limit: int = 80, env: Mapping[str, str] | None = None
) -> Iterator[tuple[Kill, Finished, Path]]:
    """Run a command in one fresh place after another, killed before each of its effects in turn and after the last.

    What is between two effects changes nothing. Of what a command does many times over (one more object, one more file),
    two are enough.
    """
    effects = [line.partition(" ")[2] for line in run_program(args, where(), None, env).effects]
    assert 0 < len(effects) <= limit, effects
    often: Counter[tuple[str, str]] = Counter()
    kills = []
    for number, pair in enumerate(pairwise(["", *effects]), 1):
        often[pair] += 1
        if often[pair] <= _ENOUGH:
            kills.append(Kill(number))
    for kill in [*kills, Kill(len(effects), after=True)]:
        place = where()
        yield kill, run_program(args, place, kill, env), place


@functools.cache
def _server() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.crash"])
    return context


def _run_modelmark(
    args: list[str], where: str, kill: Kill | None, notes: str, env: dict[str, str]
) -> NoReturn:
    _redirect(notes)
    os.environ.update(env)
    os.chdir(where)
    watch_effects(kill or Kill(), Path(notes) / "effects")
    sys.argv = ["modelmark", *args]
    from modelmark.cli.main import run  # noqa: PLC0415

    run()


def _redirect(notes: str) -> None:
    for number, name in ((1, "out"), (2, "err")):
        handle = os.open(Path(notes) / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115


def watch_effects(kill: Kill, notes: Path) -> None:
    """Wrap all effects of this process: note each one before it happens, and die at the chosen one."""
    counter = _Noted(kill, notes)
    for module, holder, names in EFFECTS:
        place: Any = importlib.import_module(module)
        if holder:
            place = getattr(place, holder)
        for name in names:
            setattr(
                place,
                name,
                counter.wrap(f"{holder or module.rpartition('.')[2]}.{name}", getattr(place, name)),
            )


class _Noted:
    def __init__(self, kill: Kill, notes: Path) -> None:
        self._kill = kill
        self._notes = notes
        self._count = 0
        self._lock = threading.Lock()  # `pull` fetches in two threads

    def wrap(self, label: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def counted(*args: Any, **named: Any) -> Any:
            with self._lock, self._notes.open("a") as stream:
                self._count += 1
                mine = self._count
                stream.write(f"{mine} {label}\n")
            if mine == self._kill.number and not self._kill.after:
                os.kill(os.getpid(), signal.SIGKILL)
            done = function(*args, **named)
            if mine == self._kill.number and self._kill.after:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return counted


def _warm_up() -> None:
    """Import what commands import late, so that a forked process has it."""
    for name in (
        "modelmark.cli.main",
        "modelmark.adapters.schemas.policy",
        "modelmark.adapters.schemas.manifest",
        "modelmark.adapters.schemas.records",
        "modelmark.adapters.schemas.problems",
    ):
        importlib.import_module(name)
    from modelmark.adapters.dvc import declared_remotes  # noqa: PLC0415

    declared_remotes(b"")
    for name in ("dvc.fs", "dvc_data.hashfile.db", "dvc_objects.fs.local"):
        importlib.import_module(name)


def main() -> NoReturn:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description="Run modelmark and kill it at an effect.")
    parser.add_argument(
        "--kill", type=int, default=0, metavar="N", help="which effect; 0 = none, only name them"
    )
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--before", action="store_true", help="die before it happens (default)")
    when.add_argument("--after", action="store_true", help="die when it has happened")
    parser.add_argument("command", nargs="+", help="arguments of modelmark, after --")
    asked = parser.parse_args()
    watch_effects(Kill(asked.kill, asked.after), Path("/dev/stderr"))
    sys.argv = ["modelmark", *asked.command]
    from modelmark.cli.main import run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
elif "pytest" not in sys.modules and multiprocessing.parent_process() is None:
    _warm_up()  # in the fork server, which imports this module before it forks
