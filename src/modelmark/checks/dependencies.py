"""No pinned requirement has a known vulnerability, as a service says, or a reviewed file where nobody can ask one.

Every vulnerability that is known to affect the pinned version refuses; a waiver names it by its id. Judged are the
requirements that the bundle lists; what they need in turn is judged where it is listed, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.advisories import MAX_AGE_DAYS, Advisories, Audit, Vulnerability, affecting
from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.inspection import Reach
from modelmark.domain.names import shown
from modelmark.domain.requirements import Requirements, unknowable
from modelmark.errors import CouldNot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from modelmark.domain.change import Candidate, Subject

RULE = "dependencies"


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each version."""
    for subject in candidate.asked(RULE):
        yield from _judge(subject, candidate.advisories, candidate.at.date())


def _judge(subject: Subject, reviewed: Advisories | None, today: date) -> Iterator[Finding]:
    requirements = subject.inspection.of(Requirements)
    for place, words, about in unknowable(requirements):
        yield subject.finding(
            RULE,
            Level.ERROR,
            f"{place}: {shown(words)} is no pinned version, so nothing is known of its vulnerabilities",
            "pin it and register again",
            about=about,
        )
    if not requirements.pins:
        yield subject.finding(
            RULE, Level.NOTE, "it has no pinned requirements, so there is nothing to look up"
        )
        return
    found = list(affecting(reviewed, requirements.pins)) if reviewed else []
    try:
        audit: Audit | None = subject.inspection.of(Audit)
    except CouldNot as error:
        audit = None
        yield _unasked(subject, error, reviewed, today)
    if audit is not None:
        found += [one for one in audit.vulnerabilities if one.id not in {other.id for other in found}]
        yield from _unknown(subject, audit, reviewed, today)
    for one in found:
        yield _vulnerable(subject, one)
    if not found:
        count = len(requirements.pins)
        yield subject.finding(
            RULE, Level.NOTE, f"no known vulnerability in {count} pinned requirements{_by(audit)}"
        )


def _by(audit: Audit | None) -> str:
    return (
        ", by advisories.yaml alone" if audit is None else f"; the service knows {len(audit.asked)} of them"
    )


def _unasked(subject: Subject, error: CouldNot, reviewed: Advisories | None, today: date) -> Finding:
    """Nobody could ask: a note where a reviewed file stands in, else an error."""
    if reviewed is None:
        return subject.finding(RULE, Level.ERROR, error.message, error.hint)
    age = f"advisories.yaml was checked on {reviewed.checked_at}, {reviewed.age(today)} days ago"
    if reviewed.stands_on(today):
        return subject.finding(RULE, Level.NOTE, f"{error.message}; {age}, and stands in")
    return subject.finding(
        RULE,
        Level.ERROR,
        f"{error.message}; {age}, and stands in for at most {MAX_AGE_DAYS} days",
        "look the advisories up again and set checked_at, in a change of its own",
    )


def _unknown(subject: Subject, audit: Audit, reviewed: Advisories | None, today: date) -> Iterator[Finding]:
    """What the service does not know is not clean, unless people looked it up themselves."""
    stands_in = reviewed is not None and reviewed.stands_on(today)
    for pin, reason in audit.unknown:
        yield subject.finding(
            RULE,
            Level.NOTE if stands_in else Level.ERROR,
            f"the vulnerability service knows nothing of {pin}: {shown(reason, 200)}"
            + ("; advisories.yaml stands in" if stands_in else ""),
            "look it up, then waive the finding in model.yaml or keep a reviewed advisories.yaml",
            about=pin,
        )


def _vulnerable(subject: Subject, one: Vulnerability) -> Finding:
    details = f" ({shown(one.details, 200)[1:-1]})" if one.details else ""
    return subject.finding(
        RULE,
        Level.ERROR,
        f"{one.package}=={one.version} has the known vulnerability {one.id}{details}",
        "pin a version that has it mended and register again, or waive it by its id if it cannot be reached",
        about=one.id,
    )


CHECK = Check(
    RULE,
    "No pinned requirement has a known vulnerability, as pip-audit says, or a reviewed advisories.yaml where it cannot ask.",
    check,
    "urllib3==1.26.4 has the known vulnerability PYSEC-2021-108 (mended in 1.26.5)",
    named=True,
    needs=(Requirements, Audit),
    reach=Reach.RUN,
    waivable=True,
)
