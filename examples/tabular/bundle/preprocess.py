"""From named measurements to the numbers that the model sees; pure functions, the same in training and prediction."""

import math
from collections.abc import Mapping, Sequence


def row(inputs: Mapping[str, object], columns: Sequence[str]) -> list[float]:
    """Return the inputs in the order of the columns; a missing or non-numeric one is refused by name."""
    missing = [column for column in columns if column not in inputs]
    if missing:
        raise ValueError(f"missing inputs: {', '.join(missing)}")
    return [_number(column, inputs[column]) for column in columns]


def _number(column: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"the input {column!r} must be a finite number")
    return float(value)


def standardize(values: Sequence[float], mean: Sequence[float], scale: Sequence[float]) -> list[float]:
    """Return each value as its distance from the training mean, in training standard deviations."""
    return [(value - center) / width for value, center, width in zip(values, mean, scale, strict=True)]
