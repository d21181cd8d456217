"""Figures of any versions of a model side by side, each held against the first version's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.comparison import by_thing, clearly_differ, difference_of, direction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modelmark.domain.metrics import Metric
    from modelmark.domain.policy import AnyOf, Criterion


@dataclass(frozen=True)
class Cell:
    """One figure among several versions, held against the first version's."""

    value: float
    ci95: tuple[float, float] | None
    difference: float | None
    better: bool | None
    clear: bool


@dataclass(frozen=True)
class Line:
    """One figure of several versions, in their order; None where a version does not have it on this data."""

    name: str
    slice: Mapping[str, str]
    where: Mapping[str, str]
    dataset: str
    split: str
    cells: tuple[Cell | None, ...]


def side_by_side(
    rules: Sequence[Criterion | AnyOf], versions: Sequence[Sequence[Metric]]
) -> tuple[Line, ...]:
    """Figures of several versions against the first: on all of the data, then by slice; asked for by a criterion first."""
    indexed = [by_thing(records) for records in versions]
    kinds = {kind: found[0] for index in indexed for kind, found in index.items()}
    ordered = sorted(kinds.items(), key=lambda one: _weight(one[1], rules))
    return tuple(
        _line(rules, one, [index[kind][0] if kind in index else None for index in indexed])
        for kind, one in ordered
    )


def _weight(one: Metric, rules: Sequence[Criterion | AnyOf]) -> tuple[bool, bool, str]:
    return bool(one.slice), not direction(one.name, rules), one.name


def _line(rules: Sequence[Criterion | AnyOf], kind: Metric, found: Sequence[Metric | None]) -> Line:
    way, first = direction(kind.name, rules), found[0]
    cells: list[Cell | None] = []
    for place, record in enumerate(found):
        if record is None:
            cells.append(None)
            continue
        difference = difference_of(record, first) if place else None
        better = difference * way > 0 if difference and way else None
        cells.append(Cell(record.value, record.ci95, difference, better, clearly_differ(record, first)))
    return Line(kind.name, kind.slice, kind.where, kind.dataset, kind.split, tuple(cells))


def not_compared(lines: Sequence[Line]) -> tuple[str, ...]:
    """Figures that versions measured on different data, a sentence each."""
    places: dict[str, list[Line]] = {}
    for line in lines:
        conditions = ", ".join(f"{key}={value}" for key, value in {**line.slice, **line.where}.items())
        places.setdefault(f"{line.name}{f' [{conditions}]' if conditions else ''}", []).append(line)
    return tuple(
        f"{name} was measured on different data: "
        + ", ".join(f"{line.dataset}/{line.split}".strip("/") or "data without a name" for line in found)
        for name, found in places.items()
        if len(found) > 1
    )
