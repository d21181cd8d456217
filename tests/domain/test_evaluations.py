"""Later measurements: the newest figure of the same thing counts, and nothing else is replaced."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.evaluations import Evaluation, EvaluationKind, Figure, evaluated_at, newest
from modelmark.domain.metrics import Metric
from tests.support.domain import NOON

BOOKS = {"domain": "books"}
records = st.builds(
    Metric,
    st.sampled_from(["f1", "error"]),
    st.floats(0, 1),
    st.sampled_from(["", "reviews"]),
    st.sampled_from(["", "test"]),
    st.sampled_from([{}, BOOKS]),
    st.sampled_from([{}, {"device": "cpu"}]),
)
evaluations = st.builds(
    Evaluation,
    st.integers(0, 3).map(lambda hours: NOON + timedelta(hours=hours)),
    st.just("Ada"),
    st.sampled_from(EvaluationKind),
    st.lists(records, min_size=1, max_size=3).map(tuple),
)


def measured(*metrics: Metric, hours: float = 1) -> Evaluation:
    return Evaluation(NOON + timedelta(hours=hours), "Ada", EvaluationKind.EVALUATION, metrics)


def thing(metric: Metric) -> tuple[object, ...]:
    return metric.name, metric.slice, metric.where, metric.dataset, metric.split


def test_without_evaluations_the_manifest_counts() -> None:
    assert newest([Metric("f1", 0.9)], []) == (Figure(Metric("f1", 0.9)),)


def test_a_later_figure_of_the_same_thing_replaces_it_and_says_where_it_comes_from() -> None:
    later = measured(Metric("f1", 0.8))
    assert newest([Metric("f1", 0.9), Metric("mb", 3)], [later]) == (
        Figure(Metric("mb", 3)),
        Figure(Metric("f1", 0.8), later),
    )


@pytest.mark.parametrize(
    "other",
    [
        Metric("F1", 0.8),
        Metric("f1", 0.8, "reviews"),
        Metric("f1", 0.8, split="dev"),
        Metric("f1", 0.8, slice=BOOKS),
        Metric("f1", 0.8, where={"device": "cpu"}),
    ],
)
def test_a_figure_of_another_thing_stands_beside_it(other: Metric) -> None:
    assert [one.metric for one in newest([Metric("f1", 0.9)], [measured(other)])] == [
        Metric("f1", 0.9),
        other,
    ]


@given(st.lists(records, max_size=4), st.lists(evaluations, max_size=4))
def test_what_counts_is_of_the_last_that_measured_it_in_whatever_order_they_come(
    manifest: list[Metric], later: list[Evaluation]
) -> None:
    figures = newest(manifest, later)
    assert {str(one.metric) for one in figures} == {str(one.metric) for one in newest(manifest, later[::-1])}
    everything = [*manifest, *(metric for one in later for metric in one.metrics)]
    assert all(any(thing(one.metric) == thing(metric) for one in figures) for metric in everything)
    for one in figures:
        measuring = [x for x in later if any(thing(one.metric) == thing(metric) for metric in x.metrics)]
        last = max(measuring, key=lambda found: (found.at, found.name), default=None)
        assert one.source == last
        assert one.metric in (last.metrics if last else manifest)


def test_two_records_of_one_thing_in_one_evaluation_both_stay() -> None:
    both = measured(Metric("f1", 0.95), Metric("f1", 0.5))
    assert [one.metric.value for one in newest([Metric("f1", 0.9)], [both])] == [0.95, 0.5]


def test_the_name_is_the_time_and_what_it_says_whoever_says_it() -> None:
    one = measured(Metric("f1", 0.9))
    assert one.name == f"20260102T130000Z-{one.digest}"
    assert replace(one, by="Bob", at=NOON).digest == one.digest
    changes = [
        {"note": "x"},
        {"kind": EvaluationKind.DRIFT},
        {"data_version": "d"},
        {"metrics": (Metric("f1", 0.91),)},
        {"metrics": (Metric("f1", 0.9, n=3),)},
    ]
    digests = {replace(one, **change).digest for change in changes}  # type: ignore[arg-type]
    assert len(digests | {one.digest}) == len(changes) + 1


def test_the_time_of_a_name_is_read_back() -> None:
    assert evaluated_at("20261120T184049Z-1a2b3c4d.yaml") == datetime(2026, 11, 20, 18, 40, 49, tzinfo=UTC)
    with pytest.raises(ValueError, match=r"does not match format"):
        evaluated_at("20261399T184049Z-1a2b3c4d.yaml")
