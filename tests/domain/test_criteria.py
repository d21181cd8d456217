from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.criteria import judge_criterion
from modelmark.domain.metrics import Metric
from modelmark.domain.policy import AnyOf, Criterion

BOOKS, DVD = {"domain": "books"}, {"domain": "dvd"}
CPU, GPU = {"device": "cpu"}, {"device": "gpu"}
scores = st.floats(0, 1)


def passes(
    rule: Criterion | AnyOf,
    candidate: list[Metric],
    current: list[Metric] | None = None,
    *,
    because: str = "",
) -> bool:
    """Whether the criterion passes; the sentence must give the reason."""
    outcome = judge_criterion(rule, candidate, current)
    assert because in outcome.sentence
    assert outcome.sentence
    return outcome.passed


# --- the value itself ---------------------------------------------------------------------------------------------


@given(scores, scores)
def test_the_least_value_that_passes_is_the_limit_itself(value: float, limit: float) -> None:
    assert passes(Criterion("f1", min=limit), [Metric("f1", value)]) == (value >= limit - 1e-12)


@given(scores, scores)
def test_the_greatest_value_that_passes_is_the_limit_itself(value: float, limit: float) -> None:
    assert passes(Criterion("latency", max=limit), [Metric("latency", value)]) == (value <= limit + 1e-12)


def test_the_sentence_of_a_refusal_has_both_figures() -> None:
    assert not passes(
        Criterion("f1", min=0.9), [Metric("f1", 0.85)], because="f1 = 0.85, must be at least 0.9"
    )
    assert not passes(Criterion("mb", max=100), [Metric("mb", 120)], because="mb = 120, must be at most 100")


def test_a_value_between_two_limits_passes_and_one_outside_does_not() -> None:
    rule = Criterion("ratio", min=0.4, max=0.6)
    assert [passes(rule, [Metric("ratio", value)]) for value in (0.3, 0.5, 0.7)] == [False, True, False]


def test_a_metric_that_is_not_there_fails() -> None:
    assert not passes(Criterion("f1", min=0.0), [], because="f1 is not in the manifest")
    assert not passes(Criterion("f1", min=0.0), [Metric("F1", 1)], because="is not in the manifest")
    assert not passes(Criterion("f1", max=9.0), [Metric("f1", 1, slice=BOOKS)], because="not in the manifest")


def test_a_metric_measured_under_other_conditions_is_not_there() -> None:
    rule = Criterion("latency", max=60, where=CPU)
    found = [Metric("latency", 20, where=GPU), Metric("latency", 20)]
    assert not passes(rule, found, because="latency [device=cpu] is not in the manifest")
    assert passes(rule, [*found, Metric("latency", 50, where={**CPU, "batch": "1"})])


def test_every_overall_record_must_pass_so_that_a_good_one_hides_no_bad_one() -> None:
    records = [Metric("f1", 0.95, "dev"), Metric("f1", 0.5, "test")]
    for order in (records, records[::-1]):
        assert not passes(Criterion("f1", min=0.9), order, because="f1 = 0.5")


# --- the worst slice ----------------------------------------------------------------------------------------------


@given(st.lists(scores, min_size=1), scores)
def test_the_worst_slice_passes_where_every_slice_does(values: list[float], limit: float) -> None:
    found = [Metric("m", value, slice={"part": str(place)}) for place, value in enumerate(values)]
    assert passes(Criterion("m", min=limit, over="worst-slice"), found) == (min(values) >= limit - 1e-12)
    assert passes(Criterion("m", max=limit, over="worst-slice"), found) == (max(values) <= limit + 1e-12)


@given(st.lists(scores, min_size=1), scores, scores)
def test_with_two_limits_every_slice_must_keep_both(values: list[float], low: float, high: float) -> None:
    found = [Metric("m", value, slice={"part": str(place)}) for place, value in enumerate(values)]
    rule = Criterion("m", min=low, max=high, over="worst-slice")
    assert passes(rule, found) == (min(values) >= low - 1e-12 and max(values) <= high + 1e-12)


def test_the_worst_slice_is_named() -> None:
    found = [Metric("f1", 0.9), Metric("f1", 0.85, slice=BOOKS), Metric("f1", 0.7, slice=DVD)]
    rule = Criterion("f1", min=0.8, over="worst-slice")
    assert not passes(rule, found, because="worst slice: f1 [domain=dvd] = 0.7")
    rule = Criterion("f1", min=0.6, over="worst-slice")
    assert passes(rule, found, because="worst slice: f1 [domain=dvd] = 0.7")


def test_where_less_is_better_the_worst_slice_is_the_highest() -> None:
    found = [Metric("error", 0.1, slice=BOOKS), Metric("error", 0.4, slice=DVD)]
    rule = Criterion("error", max=0.3, over="worst-slice")
    assert not passes(rule, found, because="worst slice: error [domain=dvd] = 0.4")


def test_without_slices_there_is_no_worst_one_and_the_criterion_fails() -> None:
    rule = Criterion("f1", min=0.8, over="worst-slice")
    assert not passes(rule, [Metric("f1", 0.99)], because="worst slice: f1 is not in the manifest")


def test_an_overall_criterion_does_not_look_at_slices() -> None:
    assert passes(Criterion("f1", min=0.8), [Metric("f1", 0.9), Metric("f1", 0.1, slice=BOOKS)])


# --- confidence intervals -----------------------------------------------------------------------------------------


def test_the_end_of_the_interval_is_judged_and_not_the_value() -> None:
    found = [Metric("f1", 0.91, ci95=(0.88, 0.94))]
    assert passes(Criterion("f1", min=0.9), found)
    assert not passes(Criterion("f1", min=0.9, bound="lower"), found, because="lower end 0.88 of f1 = 0.91")
    assert not passes(Criterion("f1", max=0.93, bound="upper"), found, because="upper end 0.94 of f1 = 0.91")


@pytest.mark.parametrize("over", ["overall", "worst-slice"])
def test_a_record_without_the_interval_that_is_asked_for_fails(over: str) -> None:
    part = BOOKS if over == "worst-slice" else {}
    rule = Criterion("f1", min=0.5, bound="lower", over=over)
    assert not passes(rule, [Metric("f1", 0.99, slice=part)], because="has no confidence interval")


def test_one_slice_without_an_interval_is_not_outweighed_by_the_others() -> None:
    found = [Metric("f1", 0.95, slice=BOOKS, ci95=(0.9, 0.99)), Metric("f1", 0.95, slice=DVD)]
    rule = Criterion("f1", min=0.8, over="worst-slice", bound="lower")
    for order in (found, found[::-1]):
        assert not passes(rule, order, because="f1 [domain=dvd] = 0.95 has no confidence interval")


def test_where_less_is_better_a_slice_without_an_interval_is_not_outweighed_either() -> None:
    found = [Metric("error", 0.2, slice=BOOKS, ci95=(0.1, 0.3)), Metric("error", 0.2, slice=DVD)]
    rule = Criterion("error", max=0.5, over="worst-slice", bound="upper")
    for order in (found, found[::-1]):
        assert not passes(rule, order, because="error [domain=dvd] = 0.2 has no confidence interval")


def test_the_worst_slice_is_the_one_with_the_worst_end() -> None:
    found = [
        Metric("f1", 0.85, slice=BOOKS, ci95=(0.84, 0.86)),
        Metric("f1", 0.90, slice=DVD, ci95=(0.6, 0.99)),
    ]
    assert not passes(
        Criterion("f1", min=0.8, over="worst-slice", bound="lower"), found, because="domain=dvd"
    )


# --- against the current version ----------------------------------------------------------------------------------

NO_DROP = Criterion("f1", against="current", max_drop=0.01)


def test_a_small_drop_passes_and_a_larger_one_does_not() -> None:
    current = [Metric("f1", 0.90)]
    assert passes(NO_DROP, [Metric("f1", 0.95)], current)
    assert passes(NO_DROP, [Metric("f1", 0.89)], current)
    assert not passes(NO_DROP, [Metric("f1", 0.88)], current, because="must be at least 0.9 - 0.01 = 0.89")


def test_a_small_rise_passes_and_a_larger_one_does_not() -> None:
    rule = Criterion("latency", against="current", max_rise=5)
    current = [Metric("latency", 50)]
    assert passes(rule, [Metric("latency", 55)], current)
    assert not passes(rule, [Metric("latency", 56)], current, because="must be at most 50 + 5 = 55")


def test_the_first_version_of_an_alias_has_nothing_to_be_compared_with() -> None:
    assert passes(NO_DROP, [Metric("f1", 0.1)], None, because="the alias is new")


def test_a_new_alias_still_needs_the_metric_and_the_absolute_limits() -> None:
    assert not passes(NO_DROP, [], None, because="is not in the manifest")


def test_the_end_of_the_interval_is_compared_with_the_value_of_the_current_version() -> None:
    rule = Criterion("f1", against="current", max_drop=0.01, bound="lower")
    current = [Metric("f1", 0.90, ci95=(0.8, 0.95))]
    assert passes(rule, [Metric("f1", 0.92, ci95=(0.895, 0.94))], current)
    assert not passes(rule, [Metric("f1", 0.92, ci95=(0.88, 0.94))], current, because="lower end 0.88")
    assert not passes(rule, [Metric("f1", 0.92)], current, because="no confidence interval")


@pytest.mark.parametrize(
    "other",
    [
        Metric("f1", 0.5),
        Metric("f1", 0.5, "reviews", "dev"),
        Metric("f1", 0.5, "reviews-2", "test"),
        Metric("f1", 0.5, "reviews", "test", where=CPU),
        Metric("accuracy", 0.5, "reviews", "test"),
    ],
    ids=["nothing said", "split", "dataset", "conditions", "name"],
)
def test_a_metric_measured_on_something_else_is_no_comparison(other: Metric) -> None:
    candidate = [Metric("f1", 0.9, "reviews", "test")]
    assert passes(NO_DROP, candidate, [Metric("f1", 0.9, "reviews", "test")])
    assert not passes(NO_DROP, candidate, [other])


def test_a_current_version_without_the_metric_is_no_comparison() -> None:
    assert not passes(NO_DROP, [Metric("f1", 0.9)], [], because="the current version has no such metric")


SLICES = Criterion("f1", over="worst-slice", against="current", max_drop=0.01)


def test_each_slice_is_compared_with_itself() -> None:
    current = [Metric("f1", 0.9, slice=BOOKS), Metric("f1", 0.7, slice=DVD)]
    assert passes(SLICES, [Metric("f1", 0.9, slice=BOOKS), Metric("f1", 0.7, slice=DVD)], current)
    worse = [Metric("f1", 0.8, slice=BOOKS), Metric("f1", 0.8, slice=DVD)]
    assert not passes(SLICES, worse, current, because="worst slice: f1 [domain=books] = 0.8")


def test_a_slice_that_got_worse_cannot_be_left_out() -> None:
    current = [Metric("f1", 0.9, slice=BOOKS), Metric("f1", 0.9, slice=DVD)]
    assert not passes(SLICES, [Metric("f1", 0.9, slice=BOOKS)], current, because="f1 [domain=dvd] = 0.9")


def test_a_slice_that_the_current_version_does_not_have_is_no_comparison() -> None:
    candidate = [Metric("f1", 0.9, slice=BOOKS), Metric("f1", 0.9, slice=DVD)]
    assert not passes(SLICES, candidate, [Metric("f1", 0.9, slice=BOOKS)], because="domain=dvd")


def test_a_bad_slice_cannot_be_left_out_of_the_worst_one_either() -> None:
    rule = Criterion("f1", min=0.8, over="worst-slice")
    current = [Metric("f1", 0.9, "reviews-1", slice=BOOKS), Metric("f1", 0.9, "reviews-1", slice=DVD)]
    good = Metric("f1", 0.95, "reviews-2", slice=BOOKS)
    assert not passes(rule, [good], current, because="the current version has f1 [domain=dvd] = 0.9")
    assert passes(rule, [good, Metric("f1", 0.85, "reviews-2", slice=DVD)], current)
    assert passes(rule, [good], None)


def test_the_outcome_names_the_record_that_decided() -> None:
    bad, good = Metric("f1", 0.5, "dev"), Metric("f1", 0.95, "test")
    assert judge_criterion(Criterion("f1", min=0.9), [good, bad], None).record is bad
    assert judge_criterion(Criterion("f1", min=0.4), [good, bad], None).record is good
    assert judge_criterion(Criterion("mb", min=0.4), [good, bad], None).record is None


# --- any of several -----------------------------------------------------------------------------------------------

FAST = AnyOf((Criterion("p95", max=60, where=CPU), Criterion("p95", max=20, where=GPU)))


def test_one_of_several_criteria_is_enough() -> None:
    assert passes(
        FAST, [Metric("p95", 50, where=CPU), Metric("p95", 30, where=GPU)], because="= 50, at most 60"
    )
    assert passes(FAST, [Metric("p95", 15, where=GPU)], because="= 15, at most 20")


def test_where_none_of_them_passes_all_reasons_are_given() -> None:
    found = [Metric("p95", 90, where=CPU)]
    assert not passes(FAST, found, because="must be at most 60")
    assert not passes(FAST, found, because=" and p95 [device=gpu] is not in the manifest")


def test_none_of_nothing_passes() -> None:
    assert not judge_criterion(AnyOf(()), [Metric("f1", 1)], None).passed


def test_of_two_figures_of_the_current_version_the_stricter_one_is_the_bar() -> None:
    twice = [Metric("f1", 0.5), Metric("f1", 0.95)]
    drop = Criterion("f1", against="current", max_drop=0.05)
    assert not judge_criterion(drop, [Metric("f1", 0.8)], twice).passed
    assert judge_criterion(drop, [Metric("f1", 0.91)], twice).passed
    rise = Criterion("loss", against="current", max_rise=0.1)
    losses = [Metric("loss", 0.9), Metric("loss", 0.2)]
    assert not judge_criterion(rise, [Metric("loss", 0.4)], losses).passed


@pytest.mark.parametrize(
    "rule",
    [
        Criterion("f1", over="worst-slice", min=0.8),
        Criterion("f1", over="worst-slice", against="current", max_drop=0.01),
    ],
)
def test_50_000_slices_are_judged_in_seconds(rule: Criterion) -> None:
    """A file of 4 MiB holds more; compared each with each, they would keep the gate busy for an hour."""
    slices = [Metric("f1", 0.9, slice={"customer": str(number)}) for number in range(50_000)]
    started = time.perf_counter()
    assert judge_criterion(rule, slices, slices).passed
    assert time.perf_counter() - started < 20


def test_a_figure_of_other_data_is_called_so_and_not_missing() -> None:
    rule = Criterion("f1", against="current", max_drop=0.01)
    was, now = Metric("f1", 0.9, "reviews", "test"), Metric("f1", 0.95, "easy", "test")
    sentence = judge_criterion(rule, [now], [was]).sentence
    assert "measured on 'reviews test', and this one was measured on 'easy test'" in sentence
