"""Tests of preprocess.py; run `pytest` in this directory."""

import pytest
from preprocess import row, standardize  # type: ignore[import-not-found]


def test_row_follows_the_columns_not_the_inputs() -> None:
    assert row({"b": 2, "a": 1.5, "other": "x"}, ["a", "b"]) == [1.5, 2.0]


def test_row_names_every_missing_input() -> None:
    with pytest.raises(ValueError, match="missing inputs: a, c"):
        row({"b": 2}, ["a", "b", "c"])


@pytest.mark.parametrize("value", ["1", None, True, float("nan"), float("inf")])
def test_row_refuses_what_is_not_a_finite_number(value: object) -> None:
    with pytest.raises(ValueError, match="'a' must be a finite number"):
        row({"a": value}, ["a"])


def test_standardize_counts_standard_deviations() -> None:
    assert standardize([3.0, 1.0], mean=[1.0, 1.0], scale=[2.0, 5.0]) == [1.0, 0.0]
