"""Which of several versions to promote, by rules that a person could follow with the same table.

Only versions that meet every criterion of the gate are chosen from. Among them the best is the one whose figure of the
gate's first criterion is best at the bad end of its 95% interval (the figure itself where there is no interval; the worst
slice where the criterion is about slices). Of equal ones the newer is taken. Nothing is recommended where that figure
was not measured on the same data for all of them, or where what the alias means now has a better one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.comparison import Judged, concerns, direction, judge_all, leaves
from modelmark.domain.metrics import thing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from modelmark.domain.evidence import Dossier
    from modelmark.domain.manifest import Manifest
    from modelmark.domain.metrics import Metric
    from modelmark.domain.names import AliasName, ModelName
    from modelmark.domain.policy import Criterion, Gate
    from modelmark.domain.side_by_side import Line
    from modelmark.domain.versions import Version


@dataclass(frozen=True)
class Contender:
    """One version before a gate.

    Attributes:
        criteria: what each criterion of the gate came to.
        failed: why it may not be chosen, a sentence each; empty = it may.
    """

    version: Version
    criteria: tuple[Judged, ...]
    failed: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether it may be chosen."""
        return not self.failed


@dataclass(frozen=True)
class Recommendation:
    """The version to promote, or None, and why."""

    version: Version | None
    why: str


@dataclass(frozen=True)
class Comparison:
    """Versions of one model side by side.

    Attributes:
        alias: the alias that they are judged for; None = nobody judges.
        gate: the name of its gate.
        current: what the alias means now; None = nothing.
        versions: what the table shows, in this order; all are held against the first.
        lines: their figures.
        not_compared: what was measured on different data, a sentence each.
        contenders: the versions that were judged, without the current one.
        dossiers: how each of the others differs from the first.
        recommended: the version to promote; None = none, or nobody judges.
        why: the reason, in a sentence.
    """

    model: ModelName
    alias: AliasName | None
    gate: str | None
    current: Version | None
    versions: tuple[Version, ...]
    lines: tuple[Line, ...]
    not_compared: tuple[str, ...]
    contenders: tuple[Contender, ...]
    dossiers: tuple[Dossier, ...]
    recommended: Version | None = None
    why: str = ""


def contend(
    rules: Gate, name: str, candidate: Manifest, current: Manifest | None, *, archived: bool
) -> Contender:
    """Judge one version by a gate's criteria.

    Args:
        rules: the gate, with what the model's card adds.
        name: the gate's name.
        candidate: its manifest, with the figures that count.
        current: the same of what the alias means now.
        archived: whether it is archived, and so may not be assigned.
    """
    judged = judge_all(rules.criteria, candidate.metrics, current.metrics if current else None)
    failed = [one.sentence for one in judged if not one.passed]
    if archived:
        failed.insert(0, "it is archived and may not be assigned")
    if not judged:
        failed.append(f"the gate {name} has no criterion, so nothing was judged and nothing passes")
    return Contender(candidate.version, judged, tuple(failed))


def recommend(
    rules: Gate, contenders: Sequence[Contender], manifests: Sequence[Manifest], current: Manifest | None
) -> Recommendation:
    """Choose among versions that were judged by one gate.

    Args:
        rules: the gate, with what the model's card adds.
        contenders: the versions, judged.
        manifests: their manifests, in the same order.
        current: what the alias means now; None = nothing.
    """
    made = {one.version: it for one, it in zip(contenders, manifests, strict=True) if one.passed}
    if not made:
        return Recommendation(None, "none of them passes")
    first = next(leaves(rules.criteria))
    figures = {version: _figures(first, one) for version, one in made.items()}
    ends = {version: _bad_end(first, found) for version, found in figures.items()}
    what = f"{first.metric}{' of the worst slice' if first.over == 'worst-slice' else ''}"
    if not _same_data(figures.values()):
        names = ", ".join(map(str, made))
        why = f"{names} pass, and their {what} was not measured on the same data, so nobody can say which is better"
        return Recommendation(None, why)
    best = max(ends, key=lambda version: (ends[version], version))
    now = _figures(first, current) if current else []
    if current and _same_data([now, figures[best]]) and _bad_end(first, now) > ends[best]:
        return Recommendation(
            None, f"{best} passes, and what is there now, {current.version}, has the better {what}"
        )
    if len(made) == 1:
        return Recommendation(best, "it is the only one that passes")
    equal = sum(end == ends[best] for end in ends.values()) > 1
    figure = f"{_way(first) * ends[best]:.4g}"
    words = f"of the {len(made)} that pass it has the best {what}, {figure} at the bad end of its interval"
    return Recommendation(
        best, f"{words}; others have the same, and it is the newest of them" if equal else words
    )


def _way(rule: Criterion) -> int:
    return direction(rule.metric, [rule])


def _figures(rule: Criterion, manifest: Manifest) -> list[Metric]:
    return [one for one in manifest.metrics if concerns(rule, one)]


def _bad_end(rule: Criterion, figures: Sequence[Metric]) -> float:
    """The worst of the figures at the bad end of its interval, turned so that more is better."""
    way = _way(rule)
    ends = ((one.bound("lower" if way > 0 else "upper"), one.value) for one in figures)
    return min((way * (value if end is None else end) for end, value in ends), default=-math.inf)


def _same_data(figures: Collection[Sequence[Metric]]) -> bool:
    """Whether all versions have the same figures on the same data."""
    return len({frozenset(map(thing, found)) for found in figures}) == 1
