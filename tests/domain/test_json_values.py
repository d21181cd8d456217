"""What a program has, as JSON: numbers of other libraries are numbers, and what JSON cannot hold is refused by name."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.json_values import plain
from modelmark.errors import InvalidInput

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


class Scalar:
    """What a scalar of NumPy or PyTorch looks like."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def item(self) -> Any:
        return self._value

    def __float__(self) -> float:
        return float(self._value)


class Array:
    """An array of many numbers: it has the same methods, and they fail."""

    def item(self) -> Any:
        raise ValueError("can only convert an array of size 1")

    def __float__(self) -> float:
        raise TypeError("only length-1 arrays can be converted")


class Listed(Array):
    """One that can be taken apart, as those of NumPy, PyTorch and JAX."""

    def tolist(self) -> Any:
        return [0.25, (1,)]


@given(JSON)
def test_what_is_json_stays_as_it_is(value: Any) -> None:
    assert plain(value, "x") == value
    assert json.loads(json.dumps(plain(value, "x"))) == value


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (Scalar(3), 3),
        (Scalar(0.5), 0.5),
        (Scalar(True), True),
        (Scalar(Scalar(1)), 1.0),  # a long double, whose item() is one
        (Listed(), [0.25, [1]]),
        (Decimal("0.5"), 0.5),
        (Fraction(1, 4), 0.25),
        ((1, (2, 3)), [1, [2, 3]]),
        ({1: PurePosixPath("a/b")}, {"1": "a/b"}),
    ],
)
def test_numbers_of_other_libraries_tuples_and_paths_become_json(value: object, found: object) -> None:
    assert plain(value, "x") == found
    assert type(plain(value, "x")) is type(found)


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("-inf"), Scalar(float("nan")), Array(), object(), {1, 2}, b"x"],
)
def test_what_json_cannot_hold_is_refused_by_its_name(value: object) -> None:
    with pytest.raises(InvalidInput, match=r"'lr' is .*which JSON cannot hold"):
        plain({"lr": value}["lr"], "lr")
    with pytest.raises(InvalidInput, match=r"'optimizer\.lr'"):
        plain({"lr": value}, "optimizer")
