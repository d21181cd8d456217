"""What is promoted was measured lately: its newest evaluation is no older than the gate allows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from modelmark.domain.change import Candidate, Subject

RULE = "freshness"


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each version whose gate asks for it by its newest evaluation, or by its own date where it has none."""
    for subject in candidate.asked(RULE):
        name, limit = f"{subject.model}@{subject.version}", subject.rules.max_age_days
        if limit is None:
            yield subject.finding(
                RULE,
                Level.ERROR,
                f"the gate {subject.gate} asks for freshness and does not say how old an evaluation may be",
                f"add max_age_days to gates.{subject.gate} of registry.yaml",
            )
            continue
        at, event = _newest(subject)
        age, day = (candidate.at - at).total_seconds() / 86400, f"{at:%Y-%m-%d}"
        again = f"measure it again: modelmark evaluate {name} --metrics metrics.json"
        if age < 0:
            future = f"{name} {event} on {day} at {at:%H:%M:%S} UTC, which is still to come"
            yield subject.finding(
                RULE, Level.ERROR, future, f"set the clock that said so right, then {again}"
            )
        elif age > limit:
            words = f"{name} {event} on {day}, {_up(age)} days ago; {subject.gate} allows {limit:g}"
            yield subject.finding(RULE, Level.ERROR, words, again)
        else:
            words = f"{name} {event} on {day}, {_up(age)} days ago, at most {limit:g} (passes {subject.gate})"
            yield subject.finding(RULE, Level.NOTE, words)


def _newest(subject: Subject) -> tuple[datetime, str]:
    if subject.evaluations:
        return max(one.at for one in subject.evaluations), "was last evaluated"
    assert subject.manifest is not None
    return subject.manifest.created_at, "was made, and not evaluated since,"


def _up(days: float) -> str:
    """Days with one digit, rounded up: 90.01 days must not read as the 90 that are allowed."""
    return f"{math.ceil(days * 10) / 10:.1f}"


CHECK = Check(
    RULE,
    "What is promoted was measured lately: its newest evaluation is no older than the gate allows.",
    check,
    "nlp-sentiment@3 was last evaluated on 2026-03-01, 120.4 days ago; production allows 90",
    named=True,
)
