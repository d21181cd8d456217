"""Judge metric records against the criteria of a gate. A metric that is not there fails, never passes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modelmark.domain.metrics import Thing, figure, thing
from modelmark.domain.names import shown
from modelmark.domain.policy import AnyOf, Criterion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelmark.domain.metrics import Metric

_Before = dict[Thing, list[float]]


@dataclass(frozen=True)
class Outcome:
    """What one criterion came to, with the figures in the sentence.

    Attributes:
        record: the candidate's record that decided; None where none did.
        absent: it failed for want of a measurement, which can still be made; not for its value.
    """

    passed: bool
    sentence: str
    record: Metric | None = None
    absent: bool = False


def judge_criterion(
    rule: Criterion | AnyOf, candidate: Sequence[Metric], current: Sequence[Metric] | None
) -> Outcome:
    """Judge one criterion.

    Args:
        rule: the criterion.
        candidate: all metrics of the version that asks.
        current: all metrics of the version that the alias means now, or None where it means none.
    """
    if isinstance(rule, AnyOf):
        outcomes = [judge_criterion(one, candidate, current) for one in rule.criteria]
        passed = [outcome for outcome in outcomes if outcome.passed]
        sentences, absent = (
            " and ".join(one.sentence for one in outcomes),
            any(one.absent for one in outcomes),
        )
        return passed[0] if passed else Outcome(False, sentences, absent=absent)
    chosen = _select(rule, candidate)
    if not chosen:
        return Outcome(False, f"{_subject(rule)} is not in the manifest", absent=True)
    gone = _gone(rule, candidate, current) if current else None
    if gone is not None:
        words = f"{_scope(rule)}the current version has {gone}, {_instead(gone, candidate)}"
        return Outcome(False, words, absent=True)
    before = None if current is None else _by_thing(rule, current)
    outcomes = [replace(_judge_record(rule, record, before), record=record) for record in chosen]
    failed = [outcome for outcome in outcomes if not outcome.passed]
    return failed[0] if failed else outcomes[0]


def _select(rule: Criterion, metrics: Sequence[Metric]) -> list[Metric]:
    """The records a criterion is about: all of the overall ones, or the worst of the slices."""
    found = _matching(rule, metrics)
    if rule.over != "worst-slice" or rule.against or not found:
        return found
    unknown = [record for record in found if _value(rule, record) is None]
    worst = [pick for limit, pick in ((rule.min, min), (rule.max, max)) if limit is not None]
    return unknown[:1] or [pick(found, key=lambda record: _value(rule, record) or 0.0) for pick in worst]


def _matching(rule: Criterion, metrics: Sequence[Metric]) -> list[Metric]:
    return [
        record
        for record in metrics
        if record.name == rule.metric
        and all(record.where.get(key) == value for key, value in rule.where.items())
        and bool(record.slice) == (rule.over == "worst-slice")
    ]


def _value(rule: Criterion, record: Metric) -> float | None:
    return record.bound(rule.bound) if rule.bound else record.value


def _judge_record(rule: Criterion, record: Metric, current: _Before | None) -> Outcome:
    value = _value(rule, record)
    if value is None:
        words = f"{record} has no confidence interval (ci95), and its {rule.bound} end is asked for"
        return Outcome(False, words, absent=True)
    limits = [(rule.min, "at least", 1), (rule.max, "at most", -1)]
    if rule.against:
        if current is None:
            return Outcome(True, f"{_subject(rule)}: nothing to compare with, the alias is new")
        before = current.get(thing(record))
        if before is None:
            return Outcome(
                False,
                f"{record}: the current version has no such metric on the same dataset and split to compare with",
            )
        limits += [
            (
                None if rule.max_drop is None else max(before) - rule.max_drop,
                f"at least {max(before):g} - {rule.max_drop} =",
                1,
            ),
            (
                None if rule.max_rise is None else min(before) + rule.max_rise,
                f"at most {min(before):g} + {rule.max_rise} =",
                -1,
            ),
        ]
    what = f"{rule.bound} end {value:g} of {record}" if rule.bound else str(record)
    for limit, words, sign in limits:
        if limit is not None and sign * value < sign * limit - 1e-12:
            return Outcome(False, f"{_scope(rule)}{what}, must be {words} {limit:g}")
    asked = ", ".join(f"{words} {limit:g}" for limit, words, _ in limits if limit is not None)
    return Outcome(True, f"{_scope(rule)}{what}, {asked}")


def _by_thing(rule: Criterion, current: Sequence[Metric]) -> _Before:
    """What the current version has of each thing: same slice, conditions, dataset and split, or it is no comparison.

    Of several figures of one thing the strictest counts. Found once, since a version may have 100,000 figures.
    """
    found: _Before = {}
    for record in _matching(rule, current) if rule.against else ():
        found.setdefault(thing(record), []).append(record.value)
    return found


def _gone(rule: Criterion, candidate: Sequence[Metric], current: Sequence[Metric]) -> Metric | None:
    """A record of the current version that the candidate leaves out: a bad slice must not pass by being dropped.

    A comparison needs it on the same data; the worst of all slices needs the slice, on whatever data.
    """
    if not rule.against and rule.over != "worst-slice":
        return None
    said = thing if rule.against else _slice
    ours = {said(new) for new in _matching(rule, candidate)}
    return next((old for old in _matching(rule, current) if said(old) not in ours), None)


def _instead(gone: Metric, candidate: Sequence[Metric]) -> str:
    """What there is of a figure that cannot be compared: nothing, or one of other data."""
    wanted = figure(gone)
    other = next((one for one in candidate if figure(one) == wanted), None)
    if other is None or _data(other) == _data(gone):
        return "and this one does not say"
    return (
        f"measured on {_data(gone)}, and this one was measured on {_data(other)}: the two cannot be compared"
    )


def _data(record: Metric) -> str:
    return shown(" ".join(part for part in (record.dataset, record.split) if part) or "unnamed data")


def _slice(record: Metric) -> frozenset[tuple[str, str]]:
    return frozenset(record.slice.items())


def _scope(rule: Criterion) -> str:
    return "worst slice: " if rule.over == "worst-slice" else ""


def _subject(rule: Criterion) -> str:
    conditions = ", ".join(f"{key}={value}" for key, value in rule.where.items())
    return f"{_scope(rule)}{rule.metric}{f' [{conditions}]' if conditions else ''}"
