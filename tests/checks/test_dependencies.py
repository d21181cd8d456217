"""Known vulnerabilities refuse, whoever knows of them; what nobody knows refuses too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from modelmark.checks.dependencies import RULE, check
from modelmark.domain.advisories import Advisories, Advisory, Audit, Vulnerability
from modelmark.domain.inspection import Inspection
from modelmark.domain.requirements import Required, Requirements
from tests.support.candidates import asking
from tests.support.domain import NOON

TODAY = NOON.date()
PINS = (("urllib3", "1.26.4"), ("numpy", "2.4.6"))
BAD = Advisory("GHSA-1", "urllib3", "<1.26.5", "high", "a redirect leaks a header")
CLEAN = Audit(("numpy==2.4.6", "urllib3==1.26.4"))
OFFLINE = ("the service could not be asked", "ask again")


def judged(
    audit: Audit | None,
    reviewed: Advisories | None = None,
    *,
    pins: Sequence[tuple[str, str | None]] = PINS,
) -> list[str]:
    lines = enumerate(pins, 1)
    required = tuple(Required("requirements.txt", at, name, name, version) for at, (name, version) in lines)
    facts: dict[type, object] = {Requirements: Requirements(required)}
    inspection = Inspection(facts | ({Audit: audit} if audit else {}), {} if audit else {Audit: OFFLINE})
    value = asking(RULE)
    made = replace(value, subjects=(replace(value.subjects[0], inspection=inspection),), advisories=reviewed)
    return [f"{one.level}: {one.message}{f' [{one.about}]' if one.about else ''}" for one in check(made)]


def reviewed(*advisories: Advisory, day: date = TODAY) -> Advisories:
    return Advisories(day, advisories)


def test_a_clean_answer_passes_with_its_figures() -> None:
    assert judged(CLEAN) == [
        "note: no known vulnerability in 2 pinned requirements; the service knows 2 of them"
    ]


def test_a_vulnerability_refuses_and_is_waived_by_its_id() -> None:
    audit = replace(
        CLEAN, vulnerabilities=(Vulnerability("urllib3", "1.26.4", "PYSEC-2021-108", "mended in 1.26.5"),)
    )
    assert judged(audit) == [
        "error: urllib3==1.26.4 has the known vulnerability PYSEC-2021-108 (mended in 1.26.5) [PYSEC-2021-108]"
    ]


def test_what_the_service_does_not_know_is_not_clean() -> None:
    audit = Audit(("numpy==2.4.6",), (("urllib3==1.26.4", "not found"),))
    assert judged(audit)[0] == (
        "error: the vulnerability service knows nothing of urllib3==1.26.4: 'not found' [urllib3==1.26.4]"
    )


def test_a_service_that_nobody_could_ask_is_a_finding_of_its_own() -> None:
    assert judged(None)[0] == "error: the service could not be asked"


def test_a_reviewed_file_stands_in_and_says_its_age() -> None:
    assert judged(None, reviewed(day=TODAY - timedelta(days=3))) == [
        f"note: the service could not be asked; advisories.yaml was checked on {TODAY - timedelta(days=3)}, "
        "3 days ago, and stands in",
        "note: no known vulnerability in 2 pinned requirements, by advisories.yaml alone",
    ]


@pytest.mark.parametrize(("days", "stands_in"), [(-2, False), (-1, True), (0, True), (30, True), (31, False)])
def test_a_reviewed_file_stands_in_for_30_days(days: int, stands_in: bool) -> None:
    said = judged(None, reviewed(day=TODAY - timedelta(days=days)))
    assert said[0].startswith("note" if stands_in else "error")


def test_an_advisory_of_the_reviewed_file_refuses() -> None:
    assert judged(None, reviewed(BAD))[1:] == [
        "error: urllib3==1.26.4 has the known vulnerability GHSA-1 (high: a redirect leaks a header) [GHSA-1]"
    ]


def test_both_are_heard_and_one_id_is_told_once() -> None:
    audit = replace(
        CLEAN,
        vulnerabilities=(
            Vulnerability("urllib3", "1.26.4", "GHSA-1"),
            Vulnerability("urllib3", "1.26.4", "GHSA-2"),
        ),
    )
    said = judged(audit, reviewed(BAD))
    assert [line.rpartition("[")[2] for line in said] == ["GHSA-1]", "GHSA-2]"]


@pytest.mark.parametrize(
    ("affected", "hit"),
    [("<1.26.5", True), (">=2", False), ("==1.26.4", True), (">=1,<1.26.4", False), (">=1.26.4rc1", True)],
)
def test_only_affected_versions_are_refused(affected: str, hit: bool) -> None:
    said = judged(CLEAN, reviewed(replace(BAD, affected=affected)))
    assert any(line.startswith("error") for line in said) is hit


def test_a_local_build_is_affected_like_its_release() -> None:
    said = judged(
        Audit(("torch==2.1.0+cpu",)),
        reviewed(replace(BAD, package="torch", affected="==2.1.0")),
        pins=[("torch", "2.1.0+cpu")],
    )
    assert said[0].startswith("error: torch==2.1.0+cpu has the known vulnerability")


def test_a_version_that_cannot_be_compared_counts_as_affected() -> None:
    said = judged(Audit(("urllib3==nightly",)), reviewed(BAD), pins=[("urllib3", "nightly")])
    assert said[0].startswith("error: urllib3==nightly has")


def test_a_requirement_without_a_pin_is_refused() -> None:
    said = judged(CLEAN, pins=[("urllib3", None), ("numpy", "2.4.6")])
    assert said[0].startswith("error: requirements.txt line 1: 'urllib3' is no pinned version")


def test_no_requirements_asks_nobody() -> None:
    assert judged(None, pins=[]) == ["note: it has no pinned requirements, so there is nothing to look up"]
