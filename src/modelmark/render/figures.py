"""Figures of metrics as inert Markdown: one table for all of the data, one for its slices, charts where they say more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.render.charts import chart
from modelmark.render.markdown import bullets, code, folded, section, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from modelmark.domain.comparison import Judged, Row
    from modelmark.domain.evidence import Dossier, Series
    from modelmark.domain.metrics import Metric

_SLICES_SHOWN = 5
_SLICES_DRAWN = 12
_CHARTS = 3
_FAR = 4


def number(value: float) -> str:
    """Four digits that count."""
    return f"{value:.4g}"


def interval(record: Metric | None) -> str:
    """The 95% interval."""
    return f"{number(record.ci95[0])} … {number(record.ci95[1])}" if record and record.ci95 else ""


def conditions(labels: Mapping[str, str]) -> str:
    """Conditions or slice."""
    return code(", ".join(f"{key}={value}" for key, value in labels.items()))


def place(dataset: str, split: str) -> str:
    """Dataset and split."""
    return code("/".join(filter(None, (dataset, split))))


def criteria(judged: Sequence[Judged]) -> str:
    """How many criteria hold, and those that do not."""
    failed = [one for one in judged if not one.passed]
    if not judged:
        return "The gate has no criterion."
    if not failed:
        return f"All {len(judged)} criteria hold." if len(judged) > 1 else "The one criterion holds."
    lines = bullets(f"**Fails:** {code(one.asks, 200)}" for one in failed)
    return f"{len(judged) - len(failed)} of {len(judged)} criteria hold.\n\n{lines}"


def comparison(dossier: Dossier) -> str:
    """Candidate against current, figure by figure, on all of the data."""
    return (
        _table([row for row in dossier.metrics if not row.slice]) or "It has no metrics on all of the data."
    )


def difference(row: Row) -> str:
    """The difference, and what it is worth."""
    if row.difference is None:
        return "other data" if row.elsewhere else ""
    words = {True: " better", False: " worse", None: ""}[row.better]
    sign = "±0" if row.difference == 0 else f"{row.difference:+.4g}".replace("-", "−")
    return f"**{sign}** clearly{words}" if row.clear and words else f"{sign}{words}"


_COLUMNS: dict[str, Callable[[Row], str]] = {
    "Metric": lambda row: code(row.name),
    "On": lambda row: conditions({**row.slice, **row.where}),
    "Dataset": lambda row: place(row.dataset, row.split),
    "Current": lambda row: number(row.current.value) if row.current else "–",
    "Candidate": lambda row: number(row.candidate.value) if row.candidate else "gone",
    "Difference": difference,
    "95% interval": lambda row: interval(row.candidate),
    "Threshold": lambda row: "<br>".join(code(limit.asks) for limit in row.limits),
    "Verdict": lambda row: ("❌ fails" if row.failed else "✅ passes") if row.limits else "",
}


def _table(rows: Sequence[Row]) -> str:
    """Figures, without the columns in which nothing could stand."""
    empty = {
        *(() if any(row.current for row in rows) else ("Current", "Difference")),
        *(() if any(row.limits for row in rows) else ("Threshold", "Verdict")),
    }
    shown = {name: cell for name, cell in _COLUMNS.items() if name not in empty}
    return table(tuple(shown), rows, lambda row: tuple(cell(row) for cell in shown.values()))


def slices(dossier: Dossier) -> str:
    """The slices that matter, the worst first; the rest is folded away."""
    rows = [row for row in dossier.metrics if row.slice]
    if not rows:
        return ""
    asked = [row for row in rows if row.direction]
    ordered = sorted(asked, key=_badness)
    serious = [row for row in ordered if row.failed or row.clearly_worse]
    shown = ordered[: max(_SLICES_SHOWN, len(serious))]
    rest = [*ordered[len(shown) :], *(row for row in rows if not row.direction)]
    more = folded(f"{len(rest):,} more figures of slices", _table(rest)) if rest else ""
    return section("Slices", _table(shown), _slice_chart(dossier), more)


def _badness(row: Row) -> tuple[bool, bool, str, float]:
    """What fails, then what got clearly worse, then by how good the figure is in the sense of its criterion."""
    value = row.candidate.value if row.candidate else 0.0
    return (not row.failed, not row.clearly_worse, row.name, value * row.direction)


def _slice_chart(dossier: Dossier) -> str:
    """The slices of the first metric that a criterion asks for by slice, side by side with the current version's."""
    asked = [row for row in dossier.metrics if row.slice and row.limits and row.candidate]
    rows = [row for row in asked if (row.name, row.where) == (asked[0].name, asked[0].where)]
    rows = sorted(rows, key=_badness)[:_SLICES_DRAWN]
    new = [row.candidate.value for row in rows if row.candidate]
    old = [row.current.value for row in rows if row.current]
    both = len(old) == len(new)
    drawn = chart(
        f"{rows[0].name} by slice" if rows else "",
        [", ".join(f"{key}={value}" for key, value in row.slice.items()) for row in rows],
        [("bar", new), *([("line", old)] if both else [])],
        lying=True,
    )
    line = f" Line: {dossier.current}, the current version." if both else ""
    caption = f"Bars: {dossier.version}.{line} The axis does not start at zero."
    return f"{drawn}\n\n{caption}" if drawn else ""


def history(dossier: Dossier) -> str:
    """What the gate asks for, over the versions of the model."""
    found = [one for one in dossier.history if len(one.points) > 1]
    if not found:
        return ""
    versions = sorted({point.version for one in found for point in one.points}, reverse=True)
    values = [{point.version: number(point.value) for point in one.points} for one in found]
    header = (
        "Version",
        *(" ".join(filter(None, (code(one.metric), conditions(one.where)))) for one in found),
    )
    charts = "\n\n".join(filter(None, map(_chart, found[:_CHARTS])))
    rows = table(
        header, versions, lambda one: (_named(str(one), dossier), *(of.get(one, "") for of in values))
    )
    return section("Over the versions", rows, charts)


def _named(version: str, dossier: Dossier) -> str:
    marks = {str(dossier.version): " (candidate)", str(dossier.current): " (current)"}
    return version + marks.get(version, "")


def _chart(one: Series) -> str:
    if len(one.points) < 3:
        return ""  # two points are a difference, and the table says it
    values = [point.value for point in one.points]
    if one.limit is not None and _distance(values, one.limit) > _FAR * (max(values) - min(values)):
        return ""  # the threshold is so far away that the line would look straight
    drawn = chart(
        f"{one.metric} over the versions",
        [str(point.version) for point in one.points],
        [("line", values)],
        one.limit,
    )
    straight = f" The straight line is the threshold, {number(one.limit)}." if one.limit is not None else ""
    return f"{drawn}\n\nLine: {code(one.metric)}.{straight}" if drawn else ""


def _distance(values: Sequence[float], limit: float) -> float:
    return max(min(values) - limit, limit - max(values), 0.0)
