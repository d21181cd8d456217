"""What is promoted was measured lately, by the newest evaluation or by the version's own date."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modelmark.checks.freshness import CHECK, check
from modelmark.domain.change import Candidate
from modelmark.domain.evaluations import Evaluation, EvaluationKind
from modelmark.domain.metrics import Metric
from modelmark.domain.policy import Gate
from tests.support.candidates import MANIFEST, asking, found, hints
from tests.support.domain import NOON

M1 = "nlp-sentiment@1"


def aged(days: float, *evaluated: float, limit: float | None = 90) -> Candidate:
    """A version made so many days ago, and evaluated so many days ago."""
    value = asking("freshness")
    (one,) = value.subjects
    later = tuple(
        Evaluation(NOON - timedelta(days=age), "Ada", EvaluationKind.EVALUATION, (Metric("f1", 1),))
        for age in evaluated
    )
    assert one.manifest is not None
    made = replace(one.manifest, created_at=NOON - timedelta(days=days))
    rules = Gate(checks=("freshness",), max_age_days=limit)
    asked = replace(one, manifest=made, rules=rules, evaluations=later, gate="production")
    return replace(value, subjects=(asked,))


def test_it_runs_where_a_gate_names_it_and_nobody_waives_it() -> None:
    assert CHECK.named
    assert not CHECK.waivable
    assert found(check, replace(aged(200), subjects=())) == []


def test_a_new_version_is_fresh_without_an_evaluation() -> None:
    assert found(check, aged(10)) == [
        f"note {MANIFEST}:0 {M1} was made, and not evaluated since, on 2025-12-23, 10.0 days ago, at most 90 "
        "(passes production)"
    ]


def test_an_old_version_is_refused_with_date_age_limit_and_command() -> None:
    assert found(check, aged(120)) == [
        f"error {MANIFEST}:0 {M1} was made, and not evaluated since, on 2025-09-04, 120.0 days ago; "
        "production allows 90"
    ]
    assert hints(check, aged(120)) == [f"measure it again: modelmark evaluate {M1} --metrics metrics.json"]


@pytest.mark.parametrize("evaluated", [(3,), (300, 3), (3, 300), (90,)])
def test_the_newest_evaluation_counts(evaluated: tuple[float, ...]) -> None:
    (only,) = found(check, aged(400, *evaluated))
    assert only.startswith(f"note {MANIFEST}:0 {M1} was last evaluated on ")


def test_an_evaluation_counts_and_not_the_date_of_the_version() -> None:
    (only,) = found(check, aged(1, 91))
    assert "was last evaluated on 2025-10-03, 91.0 days ago; production allows 90" in only


def test_a_little_too_old_does_not_read_as_the_limit() -> None:
    assert "90.1 days ago; production allows 90" in found(check, aged(90.001))[0]


@pytest.mark.parametrize("value", [aged(-1), aged(5, -1), aged(5, 3, -1)])
def test_a_date_in_the_future_is_an_error(value: Candidate) -> None:
    (only,) = found(check, value)
    assert only.startswith("error ")
    assert "on 2026-01-03 at 12:00:00 UTC, which is still to come" in only
    assert "clock" in hints(check, value)[0]


def test_a_gate_that_does_not_say_how_old_is_an_error() -> None:
    assert found(check, aged(0, limit=None)) == [
        f"error {MANIFEST}:0 the gate production asks for freshness and does not say how old an evaluation may be"
    ]
    assert "max_age_days" in hints(check, aged(0, limit=None))[0]
