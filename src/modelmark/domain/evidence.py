"""What a reviewer wants to see of a change, as values: what moves, what differs from what is live, how to go back.

Nothing here decides: the verdict is the checks'. All of it comes from manifests, tags and findings that were read before.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from modelmark.domain.comparison import Judged, Row, compare_metrics, judge_all, leaves
from modelmark.domain.differences import (
    Difference,
    Files,
    file_difference,
    origin_differences,
    signature_difference,
)
from modelmark.domain.evaluations import Evaluation, Figure, newest, yardstick
from modelmark.domain.metrics import thing
from modelmark.domain.policy import Gate, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from modelmark.domain.change import Candidate, Move, Subject
    from modelmark.domain.compatibility import Change
    from modelmark.domain.findings import Verdict
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.metrics import Metric, Thing
    from modelmark.domain.names import AliasName, ModelName
    from modelmark.domain.versions import Version

PAST = 20
"""How many versions a history of metrics shows."""


@dataclass(frozen=True)
class Moved:
    """One alias that the change moves.

    Attributes:
        before: what it means now; None = nothing.
        after: what it is to mean; None = nothing.
        number: the number of the assignment.
        asked_by: the author of the change.
        follows: it keeps what another alias leaves, and is not judged by itself.
        direct: whether a tag alone may roll it back.
    """

    model: ModelName
    alias: AliasName
    before: Version | None
    after: Version | None
    number: int
    reason: str
    asked_by: str
    follows: bool
    direct: bool


@dataclass(frozen=True)
class Point:
    """What one version measured, in a history."""

    version: Version
    value: float
    ci95: tuple[float, float] | None


@dataclass(frozen=True)
class Series:
    """One metric over the versions of a model, oldest first; `limit` is what the gate asks for at least or at most."""

    metric: str
    where: Mapping[str, str]
    dataset: str
    split: str
    limit: float | None
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Dossier:
    """All evidence on one version that a gate judges.

    Attributes:
        alias: None for a version that the change registers.
        current: the version that the alias means now; None = none, or it cannot be read.
        signature: how the signature differs from the current one's; None = nothing to compare.
        readable: whether its manifest could be read; all the rest is empty where not.
        evaluations: its later measurements; `metrics` has what counts by now.
    """

    model: ModelName
    version: Version
    gate: str
    alias: AliasName | None
    current: Version | None
    readable: bool
    created_at: datetime | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    evaluations: tuple[Evaluation, ...] = ()
    criteria: tuple[Judged, ...] = ()
    metrics: tuple[Row, ...] = ()
    history: tuple[Series, ...] = ()
    signature: tuple[Change, ...] | None = None
    files: Files | None = None
    origins: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """The whole page of a change.

    Attributes:
        base: the commit that the change starts from; None for a repository's first.
        head: the commit with the change in it.
        files: how many files of the registry it touches.
        rules: what each check that ran asks for.
        left_out: checks that a gate names and that did not run here.
    """

    base: str | None
    head: str
    files: int
    verdict: Verdict
    rules: Mapping[str, str]
    left_out: tuple[str, ...]
    moves: tuple[Moved, ...]
    subjects: tuple[Dossier, ...]


def moved(candidate: Candidate, move: Move, asked_by: str) -> Moved:
    """What a reviewer must know of one entry of aliases.yaml that changes."""
    rule = candidate.policy.aliases.get(move.alias)
    return Moved(
        move.model,
        move.alias,
        candidate.histories[move.model].meaning(move.alias),
        move.wish.version,
        move.wish.number,
        move.wish.reason,
        asked_by,
        move.alias in candidate.policy.previous_aliases(),
        rule is not None and rule.rollback is Way.DIRECT,
    )


def dossier(subject: Subject, past: Sequence[Manifest]) -> Dossier:
    """The evidence on one version.

    Args:
        subject: the version, and what its alias means now.
        past: manifests of the model's newest versions, for the history.
    """
    old = _as_measured(subject.current, subject.current_evaluations, yardstick)
    new = _as_measured(subject.manifest, subject.evaluations, newest)
    current = old.version if old else None
    if new is None:
        return Dossier(subject.model, subject.version, subject.gate, subject.alias, current, readable=False)
    criteria = subject.rules.criteria
    before = old.metrics if old else None
    return Dossier(
        subject.model,
        subject.version,
        subject.gate,
        subject.alias,
        current,
        readable=True,
        created_at=new.created_at,
        notes=new.notes,
        evaluations=subject.evaluations,
        criteria=judge_all(criteria, new.metrics, before),
        metrics=compare_metrics(criteria, new.metrics, before),
        history=series(subject.rules, new, past) if subject.alias else (),
        signature=signature_difference(old, new),
        files=file_difference(old, new),
        origins=origin_differences(old, new),
    )


def _as_measured(
    manifest: Manifest | None,
    evaluations: Sequence[Evaluation],
    figures: Callable[[Sequence[Metric], Sequence[Evaluation]], Sequence[Figure]],
) -> Manifest | None:
    """A manifest with the figures that count by now, as the checks judge them."""
    if manifest is None:
        return None
    return replace(manifest, metrics=tuple(one.metric for one in figures(manifest.metrics, evaluations)))


def series(rules: Gate, new: Manifest, past: Sequence[Manifest]) -> tuple[Series, ...]:
    """The figures on all of the data that the gate asks for, over the versions that measured the same thing."""
    manifests = {one.version: one for one in (*past, new)}
    found: dict[Thing, Series] = {}
    for rule in leaves(rules.criteria):
        record = next((one for one in new.metrics if one.name == rule.metric and not one.slice), None)
        if record is None or not all(record.where.get(key) == value for key, value in rule.where.items()):
            continue
        limit = rule.min if rule.min is not None else rule.max
        asked = rule.over == "overall" and rule.bound is None and limit is not None
        place = thing(record)
        if place not in found or (asked and found[place].limit is None):
            points = _points(record, manifests)
            found[place] = Series(
                record.name, record.where, record.dataset, record.split, limit if asked else None, points
            )
    return tuple(one for one in found.values() if len(one.points) > 1)


def _points(record: Metric, manifests: Mapping[Version, Manifest]) -> tuple[Point, ...]:
    chosen = [
        Point(version, other.value, other.ci95)
        for version, manifest in sorted(manifests.items())
        for other in manifest.metrics
        if thing(other) == thing(record)
    ]
    return tuple(chosen[-PAST:])
