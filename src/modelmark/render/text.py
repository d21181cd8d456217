"""The pieces of plain text for a terminal: foreign text made harmless, and tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def clean(text: object, limit: int = 500) -> str:
    """Text from a repository as it may reach a terminal: one line, no control or direction characters.

    In the log of a GitHub workflow a line that starts with `::`, or has `##[` anywhere, may be a command: it is no more.
    """
    line = " ".join(str(text).split())
    safe = "".join(char if char.isprintable() else "?" for char in line).replace("##[", "## [")
    safe = f": {safe[1:]}" if safe.startswith("::") else safe
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def table(rows: Sequence[Sequence[object]], header: Sequence[str]) -> str:
    """Columns as wide as their widest cell, two spaces apart."""
    cells = [[clean(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return "\n".join(lines)


def moment(at: datetime) -> str:
    """A date as people write it, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def size(count: int) -> str:
    """Bytes as people say them."""
    value = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return plural(count, "byte") if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError


def plural(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def counted(numbers: Mapping[str, int]) -> str:
    """`1 model, 2 versions`."""
    return ", ".join(plural(count, noun) for noun, count in numbers.items())
