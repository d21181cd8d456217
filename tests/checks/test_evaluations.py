"""A later measurement is of a version that is on main, and of the past."""

from __future__ import annotations

from datetime import timedelta

import pytest

from modelmark.checks.evaluations import check
from modelmark.domain.evaluations import Evaluation, EvaluationKind
from modelmark.domain.layout import evaluation_path
from modelmark.domain.metrics import Metric
from tests.support.candidates import candidate, changed, found, hints, move
from tests.support.domain import MODEL, NOON, PROD, version


def path(hours: float, text: str = "1") -> str:
    made = Evaluation(NOON + timedelta(hours=hours), "Ada", EvaluationKind.DRIFT, (Metric("f1", 1),))
    return evaluation_path(MODEL, version(text), made.name)


def test_one_of_a_version_on_main_and_of_the_past_passes() -> None:
    assert found(check, candidate(files=[changed(path(-1)), changed(path(0))], known=["1"])) == []


def test_one_of_a_version_that_is_not_on_main_is_refused() -> None:
    value = candidate(files=[changed(path(-1, "9"))], known=["1"])
    assert found(check, value) == [
        f"error {path(-1, '9')}:0 nlp-sentiment@9 is not on main, so it cannot be evaluated"
    ]
    assert "merge its registration first" in hints(check, value)[0]


def test_one_of_the_future_is_refused_because_it_would_outrank_every_other() -> None:
    assert found(check, candidate(files=[changed(path(1))], known=["1"])) == [
        f"error {path(1)}:0 it was measured at 2026-01-02 13:00:00 UTC, which is still to come: "
        "it would outrank every other"
    ]


def test_a_time_that_does_not_exist_is_refused() -> None:
    odd = evaluation_path(MODEL, version("1"), "20261399T000000Z-00000000")
    assert found(check, candidate(files=[changed(odd)], known=["1"])) == [
        f"error {odd}:0 its name says a time that does not exist"
    ]


def test_figures_and_the_promotion_that_they_judge_are_two_changes() -> None:
    """Else a change lowers the figures of what is live, and with them the bar that it must pass."""
    value = candidate(files=[changed(path(-1))], known=["1"], moves=[move("1", PROD, 1)])
    assert found(check, value) == [
        f"error {path(-1)}:0 this change measures nlp-sentiment and moves its aliases in one go"
    ]


@pytest.mark.parametrize("status", ["M", "D", "T"])
def test_what_is_there_already_is_the_business_of_frozen(status: str) -> None:
    assert found(check, candidate(files=[changed(path(1), status)])) == []
