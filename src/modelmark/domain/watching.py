"""What a watch does next: outcomes, the clock and chance in; the next action, and what to say, out.

The rules, all of them. A watch

1. *asks* for two names, the newest assignment it knows and the next; only a next one makes it *look* at the alias;
2. looks anyway now and then, so that whatever was missed (a number that somebody planted far above the next) or damaged
   is found; after anything that went wrong; and each time while the newest that is there does not count;
3. never goes back by itself: an assignment below the highest it has seen, or another object under a number it has seen,
   is a failure and changes nothing that is visible;
4. runs the hook once for each release that became visible; until the hook took it, the release is not *accepted*;
5. when the hook fails, makes the accepted release visible again, and remembers the assignment as *rejected*: it is tried
   again later and later, or not at all once there is a newer one; where the accepted one is gone, what is visible stays;
   and the hook, which heard of something else last, is told of the accepted one until it takes that, too;
6. where it reports, does so for each accepted release, until it was taken; polls go on meanwhile;
7. waits with jitter, and longer after each failure in a row; a kind of failure is told once, until it is over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_PAUSE = 300.0
_LONGEST_RETRY = 3600.0
_LOOK_AFTER = 300.0
_DOUBLINGS = 16  # more would only overflow
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")  # as in the names of tags that may count


@dataclass(frozen=True)
class Release:
    """A release on this disk: the name of its directory, and what it is. `assignment` may be empty."""

    name: str
    model: str
    version: str
    tag: str
    assignment: str
    assignment_id: str
    manifest_sha256: str

    def __str__(self) -> str:
        """`m@7 (m#prod#13)`."""
        return f"{self.model}@{self.version}" + (f" ({self.assignment})" if self.assignment else "")


@dataclass(frozen=True)
class Rejected:
    """The assignment that the hook did not take, how often it was tried, and when it is tried again."""

    assignment: str
    assignment_id: str
    version: str
    tries: int
    why: str
    due: float = 0.0


@dataclass(frozen=True)
class Memory:
    """What a watch must know after it was killed; each as in `Watched`."""

    accepted: Release | None = None
    rejected: Rejected | None = None
    untold: bool = False


class Seen(NamedTuple):
    """The highest assignment that ever counted here, and its object id."""

    number: int
    oid: str


@dataclass(frozen=True)
class Trouble:
    """What goes wrong now: a word for metrics, a sentence, and what to do."""

    kind: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Watched:
    """All that a watch knows; times are seconds of one clock that never goes back.

    Attributes:
        chain: model and alias as tags name them: `m#prod`.
        visible: what readers of `current` get.
        accepted: the release that the hook took last.
        rejected: the assignment that it did not take.
        seen: the highest assignment that counted.
        newest: the highest number that is there, whether it counts or not.
        settled: the last look came to its end, so that asking for the next number is enough.
        look_due: when to look anyhow.
        failures: how many outcomes in a row were failures.
        trouble: the last of them, while it lasts.
        ignored: the newer assignment that does not count, and why.
        polls: how often the registry answered.
        answered_at: when it answered last.
        swaps: how often another release became visible; restorations included.
        restored: how often the release before became visible again, because the hook failed.
        failed: failures so far, by kind.
        reports: whether what is live is written down elsewhere, too.
        reported: what was written down last.
        unreported: why that failed last, while it does.
        unwritten: why what the next watch must know could not be written down last, while it cannot.
        untold: since it took the accepted release, the hook was told of another one, or may have been.
        tellings: how often it failed at being told of the accepted one again.
        tell_due: when it is told next.
    """

    chain: str
    visible: Release | None = None
    accepted: Release | None = None
    rejected: Rejected | None = None
    seen: Seen | None = None
    newest: int = 0
    settled: bool = False
    look_due: float = 0.0
    failures: int = 0
    trouble: Trouble | None = None
    ignored: str = ""
    polls: int = 0
    answered_at: float | None = None
    swaps: int = 0
    restored: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    reports: bool = False
    reported: Release | None = None
    unreported: str = ""
    unwritten: str = ""
    untold: bool = False
    tellings: int = 0
    tell_due: float = 0.0

    @property
    def memory(self) -> Memory:
        """What is written down after each step."""
        return Memory(self.accepted, self.rejected, self.untold)

    @property
    def live(self) -> Release | None:
        """The release that is in use: visible, and the last that the hook heard of and took."""
        return self.visible if self.visible == self.accepted and not self.untold else None


@dataclass(frozen=True)
class Pace:
    """How often to poll; everything else follows from it.

    Attributes:
        every: seconds between two polls, on average.
        longest: the longest pause after failures.
    """

    every: float = 30.0
    longest: float = _LONGEST_PAUSE

    def pause(self, failures: int, chance: float) -> float:
        """Seconds until the next poll; a fifth more or less, so that a thousand watches do not ask at once."""
        doubled = self.every * 2.0 ** min(max(failures - 1, 0), _DOUBLINGS)
        return min(doubled, max(self.longest, self.every)) * (0.8 + 0.4 * chance)

    def retry(self, tries: int) -> float:
        """Seconds until an assignment that the hook did not take is tried again."""
        return min(self.every * 2.0 ** min(tries + 1, _DOUBLINGS), max(_LONGEST_RETRY, self.every))

    @property
    def look(self) -> float:
        """Seconds until the alias is looked at although nothing seems to be new."""
        return max(_LOOK_AFTER, 10 * self.every)


def begin(chain: str, visible: Release | None, memory: Memory | None, pace: Pace, now: float) -> Watched:
    """The first state, from what is on this disk.

    Where nothing is remembered, what is visible was put there by somebody else (an init container): it is in use already.
    """
    memory = Memory(visible) if memory is None else memory
    accepted, rejected = memory.accepted, memory.rejected
    if rejected is not None:
        rejected = replace(rejected, due=now + pace.retry(rejected.tries))
    # Another release than this watch left was put there by a person, perhaps an older one (`pull --allow-stale`): then
    # that is what counts.
    own = visible in (None, accepted)
    known = [
        Seen(number_in(chain, one.assignment), one.assignment_id)
        for one in (visible, *((accepted, rejected) if own else ()))
        if one is not None and number_in(chain, one.assignment)
    ]
    return Watched(chain, visible, accepted, rejected, max(known, default=None), untold=memory.untold)


def number_in(chain: str, assignment: str) -> int:
    """The number of an assignment of this chain; 0 for any other text."""
    prefix, _, number = assignment.rpartition("#")
    return int(number) if prefix == chain and _NUMBER.fullmatch(number) else 0


def shows_rejected(state: Watched) -> bool:
    """Whether readers get what the hook did not take, although there is something better."""
    visible, accepted, rejected = state.visible, state.accepted, state.rejected
    return (
        visible is not None
        and accepted is not None
        and rejected is not None
        and visible.assignment_id == rejected.assignment_id
        and visible.name != accepted.name
    )
