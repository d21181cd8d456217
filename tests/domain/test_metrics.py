from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.metrics import Metric, normalise_metrics
from modelmark.errors import InvalidInput

finite = st.floats(allow_nan=False, allow_infinity=False)
labels = st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=5), max_size=3)
names = st.text(min_size=1).filter(lambda name: bool(name.strip()) and name.isprintable())
records = st.builds(
    Metric,
    names,
    finite,
    st.text(),
    st.text(),
    labels,
    labels,
    st.none() | st.integers(0),
    st.none() | st.tuples(finite, finite).map(sorted).map(tuple),
)


def as_json(metric: Metric) -> dict[str, object]:
    ci95 = None if metric.ci95 is None else list(metric.ci95)
    return {**vars(metric), "slice": dict(metric.slice), "where": dict(metric.where), "ci95": ci95}


@given(st.lists(records))
def test_records_are_read_as_they_are_written(metrics: list[Metric]) -> None:
    text = json.dumps([as_json(metric) for metric in metrics])
    assert normalise_metrics(json.loads(text)) == tuple(metrics)


@given(st.dictionaries(names, finite | st.integers(-(10**9), 10**9)))
def test_a_flat_mapping_becomes_one_record_per_name(data: dict[str, float]) -> None:
    assert normalise_metrics(data) == tuple(Metric(name, float(value)) for name, value in data.items())


def test_what_was_not_measured_is_empty_and_not_the_word_none() -> None:
    keys = ("dataset", "split", "slice", "where", "n", "ci95")
    full = {"name": "f1", "value": 1, **dict.fromkeys(keys)}
    assert (
        normalise_metrics([full]) == normalise_metrics([{"name": "f1", "value": 1}]) == (Metric("f1", 1.0),)
    )


@pytest.mark.parametrize("data", [None, 3, "f1", True])
def test_metrics_are_a_list_or_a_mapping(data: object) -> None:
    with pytest.raises(InvalidInput, match="a list of records or a mapping") as caught:
        normalise_metrics(data, "eval/metrics.json")
    assert str(caught.value).startswith("eval/metrics.json: ")


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, True, False, "0.9", None, [], {}, 10**400, -(10**400)]
)
def test_a_value_is_a_finite_number(value: object) -> None:
    with pytest.raises(InvalidInput, match="not a finite number"):
        normalise_metrics({"f1": value})
    with pytest.raises(InvalidInput, match="not a finite number"):
        normalise_metrics([{"name": "f1", "value": 1, "ci95": [0, value]}])


def test_a_record_needs_a_value() -> None:
    with pytest.raises(InvalidInput, match="not a finite number"):
        normalise_metrics([{"name": "f1"}])


@pytest.mark.parametrize("record", [None, 3, "f1", [], {"value": 1}, {"name": 1, "value": 1}])
def test_a_record_needs_a_name(record: object) -> None:
    with pytest.raises(InvalidInput, match="needs a name and a value"):
        normalise_metrics([record])


@pytest.mark.parametrize("name", ["", " ", "f1\n", "f\x1b[31m"])
def test_a_name_is_one_line_as_in_a_manifest(name: str) -> None:
    with pytest.raises(InvalidInput, match="not the name of a metric"):
        normalise_metrics({name: 0.9})


def test_an_unknown_key_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="unknown key 'slices'") as caught:
        normalise_metrics([{"name": "f1", "value": 1, "slices": {}}])
    assert "slice" in caught.value.hint


@pytest.mark.parametrize("ci95", [[], [1], [1, 2, 3], 1, {"low": 1, "high": 2}, [0.9, 0.8]])
def test_an_interval_is_low_and_high(ci95: object) -> None:
    with pytest.raises(InvalidInput, match=r"is not \[low, high\]"):
        normalise_metrics([{"name": "f1", "value": 1, "ci95": ci95}])


@pytest.mark.parametrize("count", [-1, 1.5, True, "7"])
def test_n_is_a_count(count: object) -> None:
    with pytest.raises(InvalidInput, match="is not a count"):
        normalise_metrics([{"name": "f1", "value": 1, "n": count}])


@pytest.mark.parametrize("key", ["slice", "where"])
@pytest.mark.parametrize("value", ["books", ["books"], 3])
def test_a_slice_is_a_mapping(key: str, value: object) -> None:
    with pytest.raises(InvalidInput, match="are mappings"):
        normalise_metrics([{"name": "f1", "value": 1, key: value}])


def test_both_ends_of_an_interval_are_there_or_neither() -> None:
    metric = Metric("f1", 0.9, ci95=(0.88, 0.92))
    assert (metric.bound("lower"), metric.bound("upper")) == (0.88, 0.92)
    assert Metric("f1", 0.9).bound("lower") is None
    assert Metric("f1", 0.9).bound("upper") is None


def test_a_metric_reads_like_a_sentence() -> None:
    assert str(Metric("f1", 0.91)) == "f1 = 0.91"
    metric = Metric("f1", 0.91, slice={"domain": "books"}, where={"device": "cpu"})
    assert str(metric) == "f1 [domain=books, device=cpu] = 0.91"
