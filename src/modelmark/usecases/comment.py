"""Put the gate's page below the pull request that it is about, as one comment.

Which pull request follows from the commit alone: one that is open and has exactly this head. A run for an older commit that ends
late finds none, so it cannot write over the page of a newer one; and the page itself says which commit it speaks of.

A pull request runs its own workflows, so one that changes them writes whatever evidence it likes; and that evidence is of a commit,
not of a pull request. Where any pull request at the head changes `.github/`, or changes too much to know, no page says a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.layout import WORKFLOWS
from modelmark.domain.threads import GATE, Text
from modelmark.usecases.sticky import keep_one

if TYPE_CHECKING:
    from collections.abc import Collection

    from modelmark.domain.threads import Kept
    from modelmark.usecases.forge_ports import Threads


@dataclass(frozen=True)
class Commented:
    """One pull request, and what became of its comment."""

    pull: int
    comment: Kept


def comment(threads: Threads, head: str, page: str, unproven: str) -> tuple[Commented, ...]:
    """Write the page of a commit below every open pull request whose head it is; mostly one, or none.

    Args:
        threads: where people write.
        head: the commit.
        page: starts with the marker, as the other does.
        unproven: what is written instead where the change could have made the evidence itself.
    """
    pulls = threads.pulls_at(head)
    if not pulls:
        return ()
    login = threads.login()
    text = Text(unproven if any(_writes_evidence(threads.paths(number)) for number in pulls) else page)
    return tuple(Commented(number, keep_one(threads.comments(number), login, GATE, text)) for number in pulls)


def _writes_evidence(paths: Collection[str] | None) -> bool:
    return paths is None or any(path.partition("/")[0] == WORKFLOWS for path in paths)
