"""Evaluations as files: read back as they were written, and refused where they are not what their name says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.evaluations import Evaluation, EvaluationKind
from modelmark.domain.metrics import Metric
from modelmark.errors import InvalidInput

FILES = YamlFiles()
AT = datetime(2026, 11, 20, 18, 40, 49, tzinfo=UTC)
ONE = Evaluation(AT, "Ada <ada@example.org>", EvaluationKind.EVALUATION, (Metric("f1", 0.9),))
NAME = f"models/m/1/evaluations/{ONE.name}.yaml"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LINES = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=12)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
METRICS = st.builds(
    Metric,
    LINES,
    NUMBERS,
    TEXTS,
    TEXTS,
    st.dictionaries(TEXTS, TEXTS, max_size=2),
    st.dictionaries(TEXTS, TEXTS, max_size=2),
    st.none() | st.integers(0, 10**12),
    st.none() | st.tuples(NUMBERS, NUMBERS).map(lambda pair: (min(pair), max(pair))),
)
EVALUATIONS = st.builds(
    Evaluation,
    st.integers(-(10**9), 10**9).map(lambda seconds: AT + timedelta(seconds=seconds)),
    LINES,
    st.sampled_from(EvaluationKind),
    st.lists(METRICS, min_size=1, max_size=3).map(tuple),
    st.just("") | LINES,
    st.none() | LINES,
)


@given(EVALUATIONS)
def test_an_evaluation_reads_back_as_it_was_written_under_its_own_name(one: Evaluation) -> None:
    assert FILES.evaluation(FILES.write_evaluation(one), f"evaluations/{one.name}.yaml") == one


def test_it_reads_as_people_expect() -> None:
    assert FILES.write_evaluation(ONE).decode() == (
        'at: "2026-11-20T18:40:49Z"\n'
        "by: Ada <ada@example.org>\n"
        "kind: evaluation\n"
        "metrics:\n"
        "  - {name: f1, value: 0.9}\n"
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("by:", "approved: true\nby:", 2, "the key 'approved' is unknown here"),
        ("by: Ada <ada@example.org>\n", "", 1, "the key 'by' is missing"),
        ("kind: evaluation", "kind: good", 3, "kind must be"),
        ("18:40:49Z", "18:40:49", 1, "at must be a time in UTC"),
        ("value: 0.9", "value: high", 5, "metrics[0].value"),
        ("value: 0.9", "value: .nan", 5, "metrics[0].value"),
        ("value: 0.9", "value: 0.9, threshold: 0", 5, "the key 'threshold' is unknown here"),
        ("metrics:\n  - {name: f1, value: 0.9}\n", "metrics: []\n", 4, "at least one metric"),
        ("by:", "by: &x", 2, "anchor"),
        ("by:", "<<: {}\nby:", 2, "merge"),
        ("by:", "by: Bob\nby:", 3, "twice"),
        ("value: 0.9", "value: 0.91", 0, "what it says makes its name 20261120T184049Z-"),
        ("18:40:49Z", "18:40:50Z", 0, "what it says makes its name 20261120T184050Z-"),
    ],
)
def test_anything_else_is_refused_with_its_line(old: str, new: str, line: int, says: str) -> None:
    text = FILES.write_evaluation(ONE).decode().replace(old, new)
    with pytest.raises(InvalidInput) as caught:
        FILES.evaluation(text.encode(), NAME)
    assert says in caught.value.message
    assert (caught.value.path, caught.value.line) == (NAME, line)
    assert caught.value.hint or "must" in caught.value.message


def test_a_name_that_could_not_be_read_back_is_not_written() -> None:
    bad = Evaluation(AT, "Ada", EvaluationKind.DRIFT, (Metric("f1\nApproved-By: Bob", 1),))
    with pytest.raises(InvalidInput):
        FILES.write_evaluation(bad)
