"""A later measurement is of a version that is on main, of the past, and reviewed before it judges a promotion.

A change with both could raise its own figures, or lower those of what is live, which are the bar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.evaluations import evaluated_at
from modelmark.domain.findings import Finding, Level
from modelmark.domain.layout import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate
    from modelmark.domain.commits import FileChange

RULE = "evaluations"


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each evaluation that the change adds; its name says its time, which reading it has compared."""
    moved = {move.model for move in candidate.moves}
    for change in candidate.files:
        if change.place.kind is Kind.EVALUATION and change.status == "A":
            yield from _added(change, candidate)
            if change.place.model in moved:
                yield Finding(
                    RULE,
                    Level.ERROR,
                    f"this change measures {change.place.model} and moves its aliases in one go",
                    change.path,
                    hint="make two changes: the figures first, then the promotion that they judge",
                )


def _added(change: FileChange, candidate: Candidate) -> Iterator[Finding]:
    model, version = change.place.model, change.place.version
    if model is None or version is None:
        return
    if version not in candidate.known_versions.get(model, ()):
        yield Finding(
            RULE,
            Level.ERROR,
            f"{model}@{version} is not on main, so it cannot be evaluated",
            change.path,
            hint="merge its registration first; what was measured before belongs into its metrics.json",
        )
    try:
        at = evaluated_at(change.path.rpartition("/")[2])
    except ValueError:
        yield Finding(RULE, Level.ERROR, "its name says a time that does not exist", change.path)
        return
    if at > candidate.at:
        yield Finding(
            RULE,
            Level.ERROR,
            f"it was measured at {at:%Y-%m-%d %H:%M:%S} UTC, which is still to come: it would outrank every other",
            change.path,
            hint="set the clock right, and evaluate again",
        )


CHECK = Check(
    RULE,
    "A later measurement is of a version that is on main, of the past, and merged before the promotion that it judges.",
    check,
    "nlp-sentiment@9 is not on main, so it cannot be evaluated",
)
