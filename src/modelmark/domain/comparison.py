"""Metrics of versions side by side: which figures may be compared, what differs, and what a gate asks of each.

Two figures are comparable where name, slice, conditions, dataset and split are the same; nothing else is ever held
against each other. A difference is clear where the 95% intervals of both do not overlap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.criteria import judge_criterion
from modelmark.domain.metrics import figure, thing
from modelmark.domain.policy import AnyOf, Criterion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from modelmark.domain.metrics import Metric, Thing


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


def by_thing(records: Sequence[Metric]) -> dict[Thing, list[Metric]]:
    """Figures by what they measure; several of one thing stay in their order."""
    found: dict[Thing, list[Metric]] = {}
    for record in records:
        found.setdefault(thing(record), []).append(record)
    return found


def clearly_differ(one: Metric | None, other: Metric | None) -> bool:
    """Whether both have 95% intervals, and these do not overlap."""
    if one is None or other is None or one.ci95 is None or other.ci95 is None:
        return False
    return one.ci95[0] > other.ci95[1] or other.ci95[0] > one.ci95[1]


def difference_of(new: Metric | None, old: Metric | None) -> float | None:
    """The difference, where there is one that a number can hold."""
    found = new.value - old.value if new and old else math.nan
    return found if math.isfinite(found) else None


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
    before, after = by_thing(current or ()), by_thing(candidate)
    seen = {figure(old) for old in current or ()}, {figure(new) for new in candidate}
    # Of an `any`, one that holds is enough: where the whole holds, none of its limits refuses a figure.
    asked = [
        (
            leaf,
            isinstance(rule, AnyOf),
            isinstance(rule, AnyOf) and judge_criterion(rule, candidate, current).passed,
        )
        for rule in rules
        for leaf in leaves((rule,))
    ]
    rows = []
    for new in candidate:
        olds = before.get(thing(new), [])
        elsewhere = not olds and figure(new) in seen[0]
        against = None if current is None else olds
        limits_on = tuple(_limits_on(asked, new, against))
        rows.append(_row(rules, new, new, olds[0] if olds else None, elsewhere, limits_on))
    for old in current or ():
        if thing(old) not in after:
            rows.append(_row(rules, old, None, old, figure(old) in seen[1], ()))
    return tuple(sorted(rows, key=_weight))


def _row(
    rules: Sequence[Criterion | AnyOf],
    what: Metric,
    new: Metric | None,
    old: Metric | None,
    elsewhere: bool,
    limits_on: tuple[Limit, ...],
) -> Row:
    difference = difference_of(new, old)
    way = direction(what.name, rules)
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
        elsewhere,
        limits_on,
    )


def _limits_on(
    asked: Sequence[tuple[Criterion, bool, bool]], record: Metric, before: Sequence[Metric] | None
) -> Iterator[Limit]:
    """What each criterion asks of this one figure."""
    for rule, either, pardoned in asked:
        if concerns(rule, record):
            passed = pardoned or judge_criterion(rule, (record,), before).passed
            yield Limit(f"{limits(rule)}{' (one of several)' if either else ''}", passed)


def concerns(rule: Criterion, record: Metric) -> bool:
    """Whether a criterion is about a figure."""
    return (
        record.name == rule.metric
        and all(record.where.get(key) == value for key, value in rule.where.items())
        and bool(record.slice) == (rule.over == "worst-slice")
    )


def _weight(row: Row) -> tuple[bool, bool, bool, bool, str]:
    return (not row.failed, not row.clearly_worse, not row.limits, row.candidate is None, row.name)
