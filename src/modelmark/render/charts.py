"""Charts as Mermaid's xychart, which GitHub draws; a table with the same figures always stands before one.

The chart language has no escapes, so a text in it keeps letters, digits and a few harmless signs, and nothing else. It knows no
exponents, and has no legend: the caption under the chart says what is a bar and what is a line.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from modelmark.render.markdown import fence
from modelmark.render.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

# Blue for what is new, grey for what is known, red for a third line: the colours of the default theme are hardly visible.
_PALETTE = '%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "#54aeff, #6e7781, #cf222e"}}}}%%'
_HARMLESS = " .,_+-=/"
_MOST = 24
_LARGEST = 1e12


def chart(
    title: str,
    labels: Sequence[str],
    plots: Sequence[tuple[str, Sequence[float]]],
    limit: float | None = None,
    *,
    lying: bool = False,
) -> str:
    """A chart, or nothing where the figures cannot be drawn.

    Args:
        title: what is drawn.
        labels: names on the x axis, at most 24.
        plots: `bar` or `line`, and a value for each label.
        limit: a line across the whole width.
        lying: whether the names stand below each other, because they are long.
    """
    across = [("line", [limit] * len(labels))] if limit is not None else []
    drawn = [*plots, *across]
    values = [value for _, numbers in drawn for value in numbers]
    if not 1 < len(labels) <= _MOST or not values or not all(_drawable(value) for value in values):
        return ""
    low, high = _range(values)
    names = ", ".join(f'"{_text(label, 24)}"' for label in labels)
    lines = [
        _PALETTE,
        "xychart-beta horizontal" if lying else "xychart-beta",
        f'    title "{_text(title, 60)}"',
        f"    x-axis [{names}]",
        f"    y-axis {_number(low)} --> {_number(high)}",
        *(f"    {kind} [{', '.join(map(_number, numbers))}]" for kind, numbers in drawn),
    ]
    return fence("\n".join(lines), "mermaid")


def _text(text: str, limit: int) -> str:
    kept = "".join(char if char.isalnum() or char in _HARMLESS else " " for char in clean(text, limit))
    return " ".join(kept.split()) or "-"


def _drawable(value: float) -> bool:
    return math.isfinite(value) and (value == 0 or 1e-6 <= abs(value) <= _LARGEST)


def _range(values: Sequence[float]) -> tuple[float, float]:
    """The axis with some air around the figures; it does not start at zero, so that differences can be seen."""
    low, high = min(values), max(values)
    air = (high - low) * 0.1 or abs(high) * 0.1 or 1.0
    return low - air, high + air


def _number(value: float) -> str:
    return f"{value:.8f}".rstrip("0").rstrip(".")
