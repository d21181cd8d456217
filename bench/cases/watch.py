"""`modelmark watch`, many of them on one registry over HTTP: what a poll costs, and how soon a new tag is live everywhere.

Everything runs on this machine: the watches, the server, and the Git of both. So the seconds after a push are those of two
hundred pods that share these cores with their server; what a poll and a watch cost does not depend on that.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Row, Series, Setting
from bench.registries import Shape
from bench.servers import Tally, http_server
from bench.watched import Flock, Watched, arrived, flock, links

_SIZE = 200_000
_MB_EACH = 80  # of memory that must be free; for a smaller machine there are fewer watches


@dataclass(frozen=True)
class _Plan:
    """How many watches, how often they poll, and how long it is measured."""

    count: int
    every: float
    seconds: float
    shape: Shape


_FULL, _QUICK = _Plan(200, 30.0, 120.0, Shape(200, 50)), _Plan(10, 2.0, 20.0, Shape(50, 20))


def measure(setting: Setting) -> Iterator[Row]:
    """A quiet half, in which they only poll; then a promotion, and a rollback."""
    plan = _QUICK if setting.quick else _FULL
    count = min(plan.count, _free_mb() // _MB_EACH)
    made, tally = Watched.make(setting.work, plan.shape, _SIZE), Tally()
    what = f"{count} watches every {plan.every:g} s, {plan.shape.tags:,} tags"
    with http_server(made.hub.parent, tally) as port, flock() as watches:
        for _ in range(count):
            watches.start(f"http://127.0.0.1:{port}/hub.git", made.hub.parent / "targets", plan.every, 60)
        watches.settle(120)
        yield _quiet(what, watches, tally, plan)
        for words, version in (("promotion", 2), ("rollback", 1)):
            yield _swapped(f"{what}: {words}", watches, made, version, plan)
        codes = watches.stop()
    if set(codes) != {0}:
        raise RuntimeError(f"SIGTERM ended watches with {sorted(set(codes))}")


def _quiet(what: str, watches: Flock, tally: Tally, plan: _Plan) -> Row:
    """Processor time of a poll; requests, bytes and memory in the note."""
    time.sleep(plan.every)  # the last of them have done their first poll
    before = (watches.polls(), watches.cpu(), tally.requests, tally.sent)
    time.sleep(plan.seconds / 2)
    after = (watches.polls(), watches.cpu(), tally.requests, tally.sent)
    polls, cpu, requests, sent = (late - early for early, late in zip(before, after, strict=True))
    memory = watches.memory()
    note = (
        f"processor time of one of {polls:,.0f} polls, its Git included; {requests / polls:.1f} HTTP requests and "
        f"{sent / polls:,.0f} bytes each; {statistics.median(memory):.0f} MB a watch (most {max(memory):.0f})"
    )
    kept = sent / polls <= 2000 and max(memory) <= 150
    return Row(what, Series((cpu / polls,)), budget=0.2, note=note, kept=kept)


def _swapped(what: str, watches: Flock, made: Watched, version: int, plan: _Plan) -> Row:
    """Seconds from the push of a tag to the swap, over all watches."""
    before = links(watches.targets)
    made.assign(version)
    taken = sorted(arrived(before, 3 * plan.every + plan.seconds / 2))
    p50, p99 = (taken[min(int(len(taken) * part), len(taken) - 1)] for part in (0.5, 0.99))
    note = f"from the push of the tag to the swap; p50 {p50:.1f} s, p99 {p99:.1f} s; nobody polls sooner than it is due"
    return Row(
        what, Series(tuple(taken)), budget=1.2 * plan.every + 5, note=note, kept=taken[-1] != float("inf")
    )


def _free_mb() -> int:
    text = Path("/proc/meminfo").read_text()
    return int(text.partition("MemAvailable:")[2].split()[0]) // 1024
