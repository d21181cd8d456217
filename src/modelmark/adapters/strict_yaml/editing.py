"""Change single values of a YAML text that a person wrote, and leave every other character as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.adapters.strict_yaml.writing import dump_text, quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modelmark.adapters.strict_yaml.nodes import Scalar


@dataclass(frozen=True)
class Edit:
    """A value to be replaced; `flow` = it stands between braces. A number is written bare, text as it needs."""

    key: Scalar
    value: Scalar
    new: str | int
    flow: bool


def edit_yaml(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Replace the values; `data` is what the nodes of the edits were read from."""
    text = data.decode()
    for edit in sorted(edits, key=lambda edit: edit.value.start, reverse=True):
        start = edit.value.start
        end = start + len(text[start : edit.value.end].rstrip())  # a block's end lies behind its empty lines
        text = text[:start] + _written(edit, text, end) + text[end:]
    return text.encode()


def _written(edit: Edit, text: str, end: int) -> str:
    if isinstance(edit.new, int):
        return str(edit.new)
    if edit.flow:
        return quote(edit.new)
    rest, _, _ = text[end:].partition("\n")
    if "\n" not in edit.new or rest.strip() or edit.new[0] in " \t\n" or not _printable(edit.new):
        return dump_text(edit.new)
    margin = " " * (edit.key.start - text.rfind("\n", 0, edit.key.start) - 1 + 2)
    lines = (f"{margin}{line}" if line else "" for line in edit.new.split("\n"))
    return "\n".join(("|-", *lines))


def _printable(text: str) -> bool:
    return all(line.isprintable() for line in text.split("\n"))
