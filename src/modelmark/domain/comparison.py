"""Metrics of versions side by side: which figures may be compared, what differs, and what a gate asks of each.

Two figures are comparable where name, slice, conditions, dataset and split are the same; nothing else is ever held
against each other. A difference is clear where the 95% intervals of both do not overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.criteria import judge_criterion
from modelmark.domain.policy import AnyOf, Criterion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from modelmark.domain.metrics import Metric


@dataclass(frozen=True)
class Judged:
    """One criterion of a gate: what it asks, and what it came to, with the figures."""

    asks: str
    passed: bool
    sentence: str


@dataclass(frozen=True)
class Limit:
    """What one criterion asks of one figure, and whether the figure meets it."""

    asks: str
    passed: bool


@dataclass(frozen=True)
class Row:
    """One figure of two versions.

    Attributes:
        candidate: None where only the current version has it.
        current: None where only the candidate has it, or where there is no current version.
        difference: candidate minus current; None where there are not both.
        direction: 1 = more is better, -1 = less is better, 0 = no criterion of the gate says.
        better: whether the difference is to the good; None = there is none, or nobody says which way is good.
        clear: whether the 95% intervals of both do not overlap.
        elsewhere: the current version has this figure on another dataset or split only, so nothing was compared.
    """

    name: str
    slice: Mapping[str, str]
    where: Mapping[str, str]
    dataset: str
    split: str
    candidate: Metric | None
    current: Metric | None
    difference: float | None
    direction: int
    better: bool | None
    clear: bool
    elsewhere: bool
    limits: tuple[Limit, ...]

    @property
    def failed(self) -> bool:
        """Whether a criterion refuses it."""
        return any(not limit.passed for limit in self.limits)

    @property
    def clearly_worse(self) -> bool:
        """Whether it got worse by more than chance explains."""
        return self.clear and self.better is False


def same(one: Metric, other: Metric) -> bool:
    """Whether two figures may be held against each other."""
    return one.name == other.name and measured_on(one) == measured_on(other)


def measured_on(record: Metric) -> tuple[Mapping[str, str], Mapping[str, str], str, str]:
    """Slice, conditions, dataset and split."""
    return record.slice, record.where, record.dataset, record.split


def find(record: Metric, among: Sequence[Metric]) -> Metric | None:
    """The figure that may be compared with this one."""
    return next((other for other in among if same(record, other)), None)


def clearly_differ(one: Metric | None, other: Metric | None) -> bool:
    """Whether both have 95% intervals, and these do not overlap."""
    if one is None or other is None or one.ci95 is None or other.ci95 is None:
        return False
    return one.ci95[0] > other.ci95[1] or other.ci95[0] > one.ci95[1]


def leaves(rules: Sequence[Criterion | AnyOf]) -> Iterator[Criterion]:
    """Criteria one by one, those of an `any` too."""
    for rule in rules:
        yield from rule.criteria if isinstance(rule, AnyOf) else (rule,)


def direction(metric: str, rules: Sequence[Criterion | AnyOf]) -> int:
    """1 = more is better, -1 = less is better, 0 = no criterion says."""
    for rule in leaves(rules):
        if rule.metric == metric and (rule.min, rule.max_drop) != (None, None):
            return 1
        if rule.metric == metric and (rule.max, rule.max_rise) != (None, None):
            return -1
    return 0


def asks(rule: Criterion | AnyOf) -> str:
    """What a criterion asks for, in words."""
    if isinstance(rule, AnyOf):
        return " or ".join(map(asks, rule.criteria))
    conditions = ", ".join(f"{key}={value}" for key, value in rule.where.items())
    return (
        f"{rule.metric}{f' [{conditions}]' if conditions else ''}"
        f"{' of the worst slice' if rule.over == 'worst-slice' else ''}: {limits(rule)}"
    )


def limits(rule: Criterion) -> str:
    """The limits of a criterion, without its metric."""
    words = (
        ("at least", rule.min, ""),
        ("at most", rule.max, ""),
        ("at most", rule.max_drop, " below current"),
        ("at most", rule.max_rise, " above current"),
    )
    end = f"{rule.bound} end " if rule.bound else ""
    return ", ".join(f"{end}{how} {limit:g}{than}" for how, limit, than in words if limit is not None)


def judge_all(
    rules: Sequence[Criterion | AnyOf], candidate: Sequence[Metric], current: Sequence[Metric] | None
) -> tuple[Judged, ...]:
    """All criteria of a gate over one version."""
    outcomes = ((rule, judge_criterion(rule, candidate, current)) for rule in rules)
    return tuple(Judged(asks(rule), outcome.passed, outcome.sentence) for rule, outcome in outcomes)


def compare_metrics(
    rules: Sequence[Criterion | AnyOf], candidate: Sequence[Metric], current: Sequence[Metric] | None
) -> tuple[Row, ...]:
    """Both versions' figures side by side: what a criterion refuses first, then what got clearly worse, then the rest."""
    known = current or ()
    pairs = [(new, new, find(new, known)) for new in candidate]
    gone = [(old, None, old) for old in known if find(old, candidate) is None]
    rows = (_row(rules, candidate, current, *one) for one in (*pairs, *gone))
    return tuple(sorted(rows, key=_weight))


def _row(
    rules: Sequence[Criterion | AnyOf],
    candidate: Sequence[Metric],
    current: Sequence[Metric] | None,
    what: Metric,
    new: Metric | None,
    old: Metric | None,
) -> Row:
    difference = new.value - old.value if new and old else None
    way = direction(what.name, rules)
    others = (current or ()) if old is None else () if new else candidate
    return Row(
        what.name,
        what.slice,
        what.where,
        what.dataset,
        what.split,
        new,
        old,
        difference,
        way,
        difference * way > 0 if difference and way else None,
        clearly_differ(new, old),
        any(_only_data_differs(what, other) for other in others),
        () if new is None else tuple(_limits_on(rules, candidate, current, new)),
    )


def _only_data_differs(one: Metric, other: Metric) -> bool:
    alike = (one.name, one.slice, one.where) == (other.name, other.slice, other.where)
    return alike and (one.dataset, one.split) != (other.dataset, other.split)


def _limits_on(
    rules: Sequence[Criterion | AnyOf],
    candidate: Sequence[Metric],
    current: Sequence[Metric] | None,
    record: Metric,
) -> Iterator[Limit]:
    """What each criterion asks of this one figure; of an `any`, one that holds is enough."""
    before = None if current is None else tuple(other for other in current if same(record, other))
    for rule in rules:
        either = isinstance(rule, AnyOf)
        for leaf in leaves((rule,)):
            if not concerns(leaf, record):
                continue
            outcome = judge_criterion(leaf, (record,), before)
            passed = outcome.passed or (either and judge_criterion(rule, candidate, current).passed)
            yield Limit(f"{limits(leaf)}{' (one of several)' if either else ''}", passed)


def concerns(rule: Criterion, record: Metric) -> bool:
    """Whether a criterion is about a figure."""
    return (
        record.name == rule.metric
        and all(record.where.get(key) == value for key, value in rule.where.items())
        and bool(record.slice) == (rule.over == "worst-slice")
    )


def _weight(row: Row) -> tuple[bool, bool, bool, bool, str]:
    return (not row.failed, not row.clearly_worse, not row.limits, row.candidate is None, row.name)


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
    kinds: list[Metric] = []
    for record in (record for records in versions for record in records):
        if find(record, kinds) is None:
            kinds.append(record)
    kinds.sort(key=lambda one: (bool(one.slice), not direction(one.name, rules), one.name))
    return tuple(_line(rules, kind, [find(kind, records) for records in versions]) for kind in kinds)


def _line(rules: Sequence[Criterion | AnyOf], kind: Metric, found: Sequence[Metric | None]) -> Line:
    way, first = direction(kind.name, rules), found[0]
    cells: list[Cell | None] = []
    for place, record in enumerate(found):
        if record is None:
            cells.append(None)
            continue
        difference = record.value - first.value if first and place else None
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
