"""Versions side by side, for a terminal and as a Markdown page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.render.evidence_dossier import file_table, origin_table, signature_lines
from modelmark.render.figures import conditions, number, place
from modelmark.render.markdown import bullets, code, folded, page, prose, section
from modelmark.render.markdown import table as markdown_table
from modelmark.render.text import clean, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.evidence import Dossier
    from modelmark.domain.recommendation import Comparison, Contender
    from modelmark.domain.side_by_side import Cell, Line

_CLEAR = "In brackets: the difference from the first version; * = clear, the 95% intervals do not overlap."
_SENTENCES = 10


def comparison_text(value: Comparison) -> str:
    """For a terminal: figures on all of the data, then by slice, then what the gate says of each, then the advice."""
    parts = []
    for lines in _overall_and_slices(value):
        rows = [
            (
                line.name,
                _on(line),
                "/".join(filter(None, (line.dataset, line.split))),
                *map(_cell, line.cells),
            )
            for line in lines
        ]
        parts += [table(rows, ("METRIC", "ON", "DATASET", *_names(value)))] if rows else []
    parts = parts or ["no metrics"]
    parts.append("\n".join([_CLEAR, *(f"! {clean(one)}" for one in value.not_compared[:_SENTENCES])]))
    parts += ["\n".join(_contender_text(one)) for one in value.contenders]
    return "\n\n".join((*parts, *([advice(value)] if value.alias else [])))


def comparison_page(value: Comparison) -> str:
    """As Markdown; every foreign text is inert."""
    return page(list(_sections(value)))


def advice(value: Comparison) -> str:
    """The recommendation in a sentence."""
    if value.recommended is None:
        stays = f"; {value.alias} stays at {value.current}" if value.current is not None else ""
        return f"recommended for {value.alias}: none, because {clean(value.why)}{stays}"
    return f"recommended for {value.alias}: {value.model}@{value.recommended}, because {clean(value.why)}"


def _overall_and_slices(value: Comparison) -> tuple[list[Line], list[Line]]:
    return [one for one in value.lines if not one.slice], [one for one in value.lines if one.slice]


def _names(value: Comparison) -> list[str]:
    return [f"{one} ({value.alias})" if one == value.current else str(one) for one in value.versions]


def _on(line: Line) -> str:
    return ", ".join(f"{key}={item}" for key, item in {**line.slice, **line.where}.items())


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "–"
    if cell.difference is None:
        return number(cell.value)
    moved = f"{cell.difference:+.2g}" if cell.difference else "±0"
    return f"{number(cell.value)} ({moved}{'*' if cell.clear else ''})"


def _contender_text(one: Contender) -> Iterator[str]:
    yield f"{'✓' if one.passed else '✗'} {one.version} {'passes' if one.passed else 'does not pass'}"
    for sentence in one.failed:
        yield f"    {clean(sentence)}"


def _sections(value: Comparison) -> Iterator[tuple[str, str]]:
    title = f"## `{value.model}`: {', '.join(f'`{one}`' for one in value.versions)}"
    verdict = ""
    if value.alias:
        chosen = f"✅ **Promote `{value.recommended}`**" if value.recommended else "❌ **Promote none**"
        verdict = f"{chosen} to `{value.alias}`: {prose(value.why)}."
    yield "the recommendation", "\n\n".join(filter(None, (title, verdict)))
    yield "the gate", section("What the gate says", _contenders(value))
    overall, slices = _overall_and_slices(value)
    yield "figures", section("Side by side", _lines(overall, value), _CLEAR.replace("*", "\\*"))
    yield "what was not compared", bullets(f"⚠️ {prose(one)}" for one in value.not_compared[:_SENTENCES])
    yield "slices", section("Slices", _lines(slices, value))
    for one in value.dossiers:
        yield f"differences of {one.version}", _differences(one)


def _lines(lines: list[Line], value: Comparison) -> str:
    header = ("Metric", "On", "Dataset", *_names(value))
    return markdown_table(
        header,
        lines,
        lambda line: (
            code(line.name),
            conditions({**line.slice, **line.where}),
            place(line.dataset, line.split),
            *(_cell(cell).replace("*", "\\*") for cell in line.cells),
        ),
    )


def _contenders(value: Comparison) -> str:
    lines = []
    for one in value.contenders:
        lines.append(
            f"{'✅' if one.passed else '❌'} `{one.version}` {'passes' if one.passed else 'does not pass'}"
        )
        lines += [f"  {prose(sentence)}" for sentence in one.failed]
    return "\n".join(f"  - fails: {line.strip()}" if line.startswith("  ") else f"- {line}" for line in lines)


def _differences(one: Dossier) -> str:
    parts = (
        section("Signature", signature_lines(one), level=4),
        section("Files", file_table(one.files) if one.files else "", level=4),
        section("Lineage and environment", origin_table(one), level=4),
    )
    return folded(f"How {one.version} differs from {one.current}", "\n\n".join(filter(None, parts)))
