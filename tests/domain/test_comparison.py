"""Figures side by side: only those of the same thing, and a table that never says another thing than the gate."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.comparison import Row, asks, clearly_differ, compare_metrics, direction
from modelmark.domain.criteria import judge_criterion
from modelmark.domain.metrics import Metric
from modelmark.domain.policy import AnyOf, Criterion
from modelmark.domain.side_by_side import not_compared, side_by_side

F1 = Metric("f1", 0.9, "reviews", "test", ci95=(0.89, 0.91))
BOOKS = replace(F1, slice={"domain": "books"})
MIN = Criterion("f1", min=0.85)
DROP = Criterion("f1", against="current", max_drop=0.01)

figures = st.builds(
    Metric,
    st.sampled_from(["f1", "ms"]),
    st.sampled_from([0.1, 0.5, 0.8, 0.9, 1.0]),
    st.sampled_from(["a", "b"]),
    st.just("test"),
    slice=st.sampled_from([{}, {"domain": "books"}, {"domain": "travel"}]),
    ci95=st.sampled_from([None, (0.0, 0.1), (0.7, 0.9), (0.85, 1.0)]),
)
criteria = st.builds(
    Criterion,
    st.just("f1"),
    min=st.sampled_from([0.5, 0.85]),
    over=st.sampled_from(["overall", "worst-slice"]),
    bound=st.sampled_from([None, "lower"]),
)


def only(*rows: Row) -> Row:
    (one,) = rows
    return one


@given(criteria, st.lists(figures, max_size=8))
def test_a_figure_fails_in_the_table_exactly_where_the_gate_refuses_one(
    rule: Criterion, records: list[Metric]
) -> None:
    rows = compare_metrics((rule,), records, None)
    judged = [row for row in rows if row.limits]
    refused = not judge_criterion(rule, records, None).passed
    assert refused == (not judged or any(row.failed for row in judged))


@given(st.lists(figures, max_size=8, unique_by=str), st.lists(figures, max_size=8, unique_by=str))
def test_a_drop_fails_in_the_table_exactly_where_the_gate_refuses_it(
    new: list[Metric], old: list[Metric]
) -> None:
    rows = [row for row in compare_metrics((DROP,), new, old) if row.name == "f1" and not row.slice]
    refused = not judge_criterion(DROP, new, old).passed
    gone = any(row.candidate is None for row in rows)
    assert refused == (not any(row.candidate for row in rows) or gone or any(row.failed for row in rows))


@given(st.lists(figures, max_size=8), st.lists(figures, max_size=8))
def test_every_figure_of_both_versions_has_its_row(new: list[Metric], old: list[Metric]) -> None:
    rows = compare_metrics((MIN,), new, old)
    assert sum(row.candidate is not None for row in rows) == len(new)
    shown = {str(replace(row.current, value=0)) + row.dataset for row in rows if row.current}
    assert {str(replace(one, value=0)) + one.dataset for one in old} == shown


@given(st.lists(figures, max_size=8), st.lists(figures, max_size=8))
def test_what_fails_comes_first_and_then_what_got_clearly_worse(new: list[Metric], old: list[Metric]) -> None:
    places = [(not row.failed, not row.clearly_worse) for row in compare_metrics((MIN, DROP), new, old)]
    assert places == sorted(places)


def test_only_the_same_thing_is_held_against_each_other() -> None:
    for other in (
        replace(F1, dataset="other"),
        replace(F1, split="train"),
        replace(F1, where={"device": "cpu"}),
        BOOKS,
        replace(F1, name="accuracy"),
    ):
        rows = compare_metrics((), [F1], [other])
        assert [row.difference for row in rows] == [None, None]
        assert [row.elsewhere for row in rows] == [other.dataset != "reviews" or other.split != "test"] * 2


@pytest.mark.parametrize(
    ("new", "better", "clear"),
    [
        (replace(F1, value=0.95, ci95=(0.94, 0.96)), True, True),
        (replace(F1, value=0.8, ci95=(0.79, 0.81)), False, True),
        (replace(F1, value=0.905, ci95=(0.9, 0.92)), True, False),
        (replace(F1, value=0.95, ci95=None), True, False),
        (F1, None, False),
    ],
)
def test_a_difference_is_clear_where_the_intervals_do_not_overlap(
    new: Metric, better: bool | None, clear: bool
) -> None:
    row = only(*compare_metrics((MIN,), [new], [F1]))
    assert (row.better, row.clear, row.clearly_worse) == (better, clear, clear and better is False)


def test_intervals_that_touch_overlap() -> None:
    assert not clearly_differ(F1, replace(F1, ci95=(0.91, 0.93)))
    assert clearly_differ(F1, replace(F1, ci95=(0.911, 0.93)))
    assert not clearly_differ(F1, None)


def test_nobody_says_better_where_no_criterion_says_which_way_is_good() -> None:
    row = only(*compare_metrics((), [replace(F1, value=0.95)], [F1]))
    assert (row.direction, row.better) == (0, None)


@pytest.mark.parametrize(
    ("rule", "way"),
    [
        (Criterion("f1", min=1), 1),
        (Criterion("f1", max=1), -1),
        (Criterion("f1", against="current", max_drop=0), 1),
        (Criterion("f1", against="current", max_rise=0), -1),
        (AnyOf((Criterion("ms", max=1), Criterion("f1", max=1))), -1),
        (Criterion("other", min=1), 0),
    ],
)
def test_which_way_is_good_is_what_the_criteria_ask_for(rule: Criterion | AnyOf, way: int) -> None:
    assert direction("f1", [rule]) == way


def test_of_an_any_one_that_holds_is_enough() -> None:
    either = AnyOf(
        (Criterion("ms", where={"device": "cpu"}, max=60), Criterion("ms", where={"device": "gpu"}, max=20))
    )
    slow, fast = Metric("ms", 90, where={"device": "cpu"}), Metric("ms", 10, where={"device": "gpu"})
    assert not any(row.failed for row in compare_metrics((either,), [slow, fast], None))
    assert only(*compare_metrics((either,), [slow], None)).failed


def test_a_difference_that_no_number_can_hold_is_none() -> None:
    huge = replace(F1, value=1e308), replace(F1, value=-1e308)
    assert only(*compare_metrics((), [huge[0]], [huge[1]])).difference is None
    assert math.isinf(huge[0].value - huge[1].value)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (MIN, "f1: at least 0.85"),
        (
            Criterion("f1", over="worst-slice", min=0.8, max=1),
            "f1 of the worst slice: at least 0.8, at most 1",
        ),
        (
            Criterion("f1", against="current", max_drop=0.01, bound="lower"),
            "f1: lower end at most 0.01 below current",
        ),
        (
            AnyOf(
                (
                    Criterion("ms", where={"device": "cpu"}, max=60),
                    Criterion("ms", against="current", max_rise=5),
                )
            ),
            "ms [device=cpu]: at most 60 or ms: at most 5 above current",
        ),
    ],
)
def test_a_criterion_in_words(rule: Criterion | AnyOf, words: str) -> None:
    assert asks(rule) == words


def test_any_versions_side_by_side_are_held_against_the_first() -> None:
    better = replace(F1, value=0.95, ci95=(0.94, 0.96))
    lines = side_by_side((MIN,), [[F1], [better, BOOKS], [replace(F1, dataset="other")]])
    by_place = {(line.dataset, bool(line.slice)): line for line in lines}
    first, second, third = by_place["reviews", False].cells
    assert first is not None
    assert second is not None
    assert (first.difference, second.clear, second.better, third) == (None, True, True, None)
    assert [cell is None for cell in by_place["other", False].cells] == [True, True, False]
    assert lines[-1].slice == {"domain": "books"}, "slices come last"
    assert not_compared(lines) == ("f1 was measured on different data: reviews/test, other/test",)
