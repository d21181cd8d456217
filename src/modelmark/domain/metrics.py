"""Metrics as records: one number, on what it was measured, and how sure it is (DESIGN.md, section 6)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

_KEYS = {"name", "value", "dataset", "split", "slice", "where", "n", "ci95"}


@dataclass(frozen=True)
class Metric:
    """One measured number.

    Attributes:
        slice: which part of the data it is about; empty = all of it.
        where: under which conditions it was measured, such as `device: cpu`.
        n: how many examples, or None.
        ci95: lower and upper end of the 95% confidence interval, or None.
    """

    name: str
    value: float
    dataset: str = ""
    split: str = ""
    slice: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    n: int | None = None
    ci95: tuple[float, float] | None = None

    def __str__(self) -> str:
        """`f1 [domain=books] = 0.91`."""
        conditions = ", ".join(f"{key}={value}" for key, value in {**self.slice, **self.where}.items())
        return f"{self.name}{f' [{conditions}]' if conditions else ''} = {self.value:g}"

    def bound(self, end: str) -> float | None:
        """One end of the interval, `lower` or `upper`; None where none was measured."""
        return None if self.ci95 is None else self.ci95[0 if end == "lower" else 1]


Figure = tuple[str, frozenset[tuple[str, str]], frozenset[tuple[str, str]]]
Thing = tuple[Figure, str, str]


def figure(record: Metric) -> Figure:
    """Which figure a record is: its name, slice and conditions, on whatever data."""
    return record.name, frozenset(record.slice.items()), frozenset(record.where.items())


def thing(record: Metric) -> Thing:
    """What a record measures, and on what: only records of the same thing may be held against each other."""
    return figure(record), record.dataset, record.split


def normalise_metrics(data: object, path: str = "metrics.json") -> tuple[Metric, ...]:
    """Make records of what a `metrics.json` holds: a list of records, or a flat mapping of names to numbers.

    Raises:
        InvalidInput: neither form, an unknown key, or a value that is not a finite number.
    """
    if isinstance(data, Mapping):
        records: Iterable[object] = ({"name": name, "value": value} for name, value in data.items())
    elif isinstance(data, Sequence) and not isinstance(data, str):
        records = data
    else:
        raise InvalidInput("metrics are a list of records or a mapping of names to numbers", path=path)
    return tuple(_record(record, path) for record in records)


def _record(data: object, path: str) -> Metric:
    if not isinstance(data, Mapping) or not isinstance(data.get("name"), str):
        raise InvalidInput(
            "every metric needs a name and a value", 'for example {"name": "f1", "value": 0.91}', path=path
        )
    name = data["name"]
    if not name.strip() or not name.isprintable():
        raise InvalidInput(
            f"{shown(name)} is not the name of a metric", "name it in one line, such as f1", path=path
        )
    unknown = sorted(map(str, set(data) - _KEYS))
    if unknown:
        raise InvalidInput(
            f"the metric {name!r} has the unknown key {unknown[0]!r}",
            f"known: {', '.join(sorted(_KEYS))}",
            path=path,
        )
    interval = data.get("ci95")
    count = data.get("n")
    if interval is not None and (not isinstance(interval, Sequence) or len(interval) != 2):
        raise InvalidInput(f"ci95 of the metric {name!r} is not [low, high]", path=path)
    if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 0):
        raise InvalidInput(f"n of the metric {name!r} is not a count", path=path)
    ends = None if interval is None else tuple(_number(end, f"ci95 of {name!r}", path) for end in interval)
    if ends is not None and ends[0] > ends[1]:
        raise InvalidInput(f"ci95 of the metric {name!r} is not [low, high]", path=path)
    return Metric(
        name,
        _number(data.get("value"), f"the metric {name!r}", path),
        _text(data.get("dataset")),
        _text(data.get("split")),
        _labels(data.get("slice"), name, path),
        _labels(data.get("where"), name, path),
        count,
        None if ends is None else (ends[0], ends[1]),
    )


def _number(value: object, what: str, path: str) -> float:
    try:
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:  # JSON may write an integer of 400 digits
        number = math.inf
    if not math.isfinite(number):
        raise InvalidInput(
            f"{what} is {shown(repr(value))[1:-1]}, which is not a finite number",
            "leave it out where it is none",
            path=path,
        )
    return number


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _labels(value: object, name: str, path: str) -> Mapping[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInput(
            f"slice and where of the metric {name!r} are mappings such as domain: books", path=path
        )
    return {str(key): str(label) for key, label in value.items()}
