"""Times programs: alternated runs, medians, a limit of 300 s that is remembered, so that nobody waits for it twice."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.git_text import environment

LIMIT = 300.0
MODELMARK = str(Path(sys.executable).with_name("modelmark"))

Timed = Callable[[], float | None]


@dataclass(frozen=True)
class Setting:
    """What every case is given.

    Attributes:
        work: folder for generated registries and everything else that a case writes.
        quick: small sizes.
        runs: how often each program runs.
    """

    work: Path
    quick: bool
    runs: int

    def remembered(self, key: str, program: Timed) -> tuple[Timed, str]:
        """A program that may not end within the limit, and a note; once stopped it is not started again."""
        place = self.work / "stopped.json"
        stopped: dict[str, str] = json.loads(place.read_text()) if place.exists() else {}
        if key in stopped:
            return (lambda: None), f"peer stopped at {LIMIT:.0f} s, once, on {stopped[key]}"

        def run() -> float | None:
            seconds = program()
            if seconds is None:
                known = json.loads(place.read_text()) if place.exists() else {}
                place.write_text(json.dumps({**known, key: datetime.now(UTC).strftime("%Y-%m-%d")}))
            return seconds

        return run, ""


@dataclass(frozen=True)
class Series:
    """Wall seconds of one program; empty = it did not end within the limit."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median; infinite where no run ended."""
        return statistics.median(self.seconds) if self.seconds else float("inf")

    def __str__(self) -> str:
        """`0.21 [0.19]`: median and the fastest run."""
        return f"{self.median:.3g} [{min(self.seconds):.3g}]" if self.seconds else f">{LIMIT:.0f}"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        what: what was done, on what.
        ours: Modelmark.
        peer: name of the peer's command and its times; None = nothing to compare with.
        budget: seconds that ours may take; None = not slower than the peer.
        note: bytes, counts, what was left out.
        kept: whether a budget other than seconds was kept.
    """

    what: str
    ours: Series
    peer: tuple[str, Series] | None = None
    budget: float | None = None
    note: str = ""
    kept: bool = True

    @property
    def verdict(self) -> str:
        """`yes` or `NO` where there is a budget."""
        if self.budget is None and self.peer is None:
            return ""
        limit = self.budget if self.budget is not None else self.peer[1].median if self.peer else 0.0
        return "yes" if self.kept and self.ours.median <= limit else "NO"

    @property
    def ratio(self) -> str:
        """How many times longer the peer takes."""
        if self.peer is None:
            return ""
        _, series = self.peer
        times = (series.median if series.seconds else LIMIT) / self.ours.median
        return f"{'' if series.seconds else '>'}{times:,.{1 if times < 10 else 0}f}x"

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        name, theirs = (self.peer[0], str(self.peer[1])) if self.peer else ("", "")
        budget = f"{self.budget:g} s" if self.budget is not None else "peer's" if self.peer else ""
        return self.what, str(self.ours), name, theirs, self.ratio, budget, self.verdict, self.note


HEADER = ("what", "ours, s [min]", "peer", "peer, s [min]", "peer/ours", "budget", "kept", "note")


def command(
    arguments: Sequence[str],
    cwd: Path,
    before: Callable[[], object] | None = None,
    env: Mapping[str, str] | None = None,
) -> Timed:
    """A program as a process; `before` is not timed. It must end with 0; None = it was stopped at the limit."""

    def run() -> float | None:
        if before is not None:
            before()
        begin = time.perf_counter()
        process = subprocess.Popen(
            list(arguments),
            cwd=cwd,
            env={**environment(), **(env or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            _, err = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return None
        seconds = time.perf_counter() - begin
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)}: {err.decode(errors='replace')[-2000:]}")
        return seconds

    return run


_PEAKS = """\
import atexit, pathlib, resource, sys
def peaks():
    own = next(line for line in pathlib.Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    print(own.split()[1], resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
atexit.register(peaks)
from modelmark.cli.main import run
run()
"""


def peaks(words: Sequence[str], cwd: Path) -> tuple[float, float]:
    """Peaks of Modelmark with these arguments, and of the largest of its children, in MB.

    It says its own itself: Linux counts a child from its parent's size on, and the bench is large.
    """
    line = [sys.executable, "-c", _PEAKS, *words]
    done = subprocess.run(line, cwd=cwd, env=environment(), capture_output=True, text=True, check=True)
    own, children = (int(part) / 1000 for part in done.stderr.split()[-2:])
    return own, children


def in_turn(*programs: Timed) -> Timed:
    """Several programs, timed together."""

    def run() -> float | None:
        taken = [program() for program in programs]
        known = [seconds for seconds in taken if seconds is not None]
        return sum(known) if len(known) == len(taken) else None

    return run


def alternate(runs: int, programs: Mapping[str, Timed]) -> dict[str, Series]:
    """Run programs in turns, so that what else the machine does falls on all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    stopped: set[str] = set()
    for _ in range(runs):
        for name, program in programs.items():
            taken = None if name in stopped else program()
            if taken is None:
                stopped.add(name)
            else:
                seconds[name].append(taken)
    return {name: Series(() if name in stopped else tuple(taken)) for name, taken in seconds.items()}
