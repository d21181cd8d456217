"""Later measurements of a version, appended beside it: the newest figure of the same thing is the one that counts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from modelmark.domain.metrics import thing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modelmark.domain.metrics import Metric


_STAMP = "%Y%m%dT%H%M%SZ"


class EvaluationKind(StrEnum):
    """Why somebody measured again."""

    EVALUATION = "evaluation"
    DRIFT = "drift"
    REVALIDATION = "revalidation"


@dataclass(frozen=True)
class Evaluation:
    """One later measurement.

    Attributes:
        at: when it was measured, in UTC and whole seconds.
        metrics: what came out; at least one.
        note: what people should know, or empty.
        data_version: hash or tag of the data it was measured on, or None.
    """

    at: datetime
    by: str
    kind: EvaluationKind
    metrics: tuple[Metric, ...]
    note: str = ""
    data_version: str | None = None

    @property
    def digest(self) -> str:
        """Eight hex digits of what it says, whoever says it and whenever: the same result is known again by it."""
        metrics = [asdict(one) for one in self.metrics]
        said = json.dumps([self.kind, self.note, self.data_version, metrics], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:8]

    @property
    def name(self) -> str:
        """What its file is called: `20261120T184049Z-1a2b3c4d`. Names sort by time."""
        return f"{self.at.astimezone(UTC):{_STAMP}}-{self.digest}"


@dataclass(frozen=True)
class Figure:
    """A metric that counts, and the evaluation that it comes from; None = the manifest."""

    metric: Metric
    source: Evaluation | None = None


def newest(metrics: Iterable[Metric], evaluations: Iterable[Evaluation]) -> tuple[Figure, ...]:
    """The manifest's metrics with those of the evaluations laid over them, oldest first.

    A later measurement replaces the earlier ones of the same thing: same name, slice, conditions, dataset and split.
    Several records of one thing in one evaluation all stay, so that a good one hides no bad one.
    """
    figures = [Figure(metric) for metric in metrics]
    for evaluation in sorted(evaluations, key=lambda one: (one.at, one.name)):
        measured = {thing(metric) for metric in evaluation.metrics}
        figures = [one for one in figures if thing(one.metric) not in measured]
        figures += [Figure(metric, evaluation) for metric in evaluation.metrics]
    return tuple(figures)


def yardstick(metrics: Iterable[Metric], evaluations: Iterable[Evaluation]) -> tuple[Figure, ...]:
    """The figures by which what is live is compared with what may replace it: the newest, without drift reports.

    No candidate was measured in production, and a bad day there would lower the bar for it.
    """
    return newest(metrics, (one for one in evaluations if one.kind is not EvaluationKind.DRIFT))


def evaluated_at(name: str) -> datetime:
    """The time that the name of an evaluation's file begins with.

    Raises:
        ValueError: there is no such time.
    """
    return datetime.strptime(name.partition("-")[0], _STAMP).replace(tzinfo=UTC)
