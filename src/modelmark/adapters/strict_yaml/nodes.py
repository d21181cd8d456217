"""What a YAML file is once read: mappings, lists and text that know their lines; and how JSON is made of them."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, TypeAlias

from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelmark.domain.json_values import Json

MAX_NUMBER = 300  # characters; `int()` is quadratic in them, and nothing measured needs more
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)
WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}


class Scalar(str):
    """Text with its place: `line` from 1, `start` and `end` in characters; `plain` = written without quotes."""

    __slots__ = ("end", "line", "plain", "start")
    line: int
    plain: bool
    start: int
    end: int


class MappingNode(dict[str, "Node"]):
    """Keys (each a `Scalar`) and values; `flow` = written with braces."""

    __slots__ = ("flow", "line")
    flow: bool
    line: int


class SequenceNode(list["Node"]):
    """A list; `flow` = written with brackets."""

    __slots__ = ("flow", "line")
    flow: bool
    line: int


Node: TypeAlias = "Scalar | MappingNode | SequenceNode"


def line_of(tree: Node, location: Sequence[str | int]) -> int:
    """The line of the key or list entry at a location; steps that do not exist are passed over."""
    line = tree.line
    for step in location:
        if isinstance(tree, MappingNode) and step in tree:
            line = next(key.line for key in tree if key == step and isinstance(key, Scalar))
            tree = tree[str(step)]
        elif isinstance(tree, SequenceNode) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
            line = tree.line
    return line


def to_json(tree: Node) -> Json:
    """Give a free-form part its JSON types: plain `true`, `null`, `0.5` convert, what is quoted stays text.

    Raises:
        InvalidInput: a number that no double can hold; with the line.
    """
    if isinstance(tree, MappingNode):
        return {str(key): to_json(value) for key, value in tree.items()}
    if isinstance(tree, SequenceNode):
        return [to_json(item) for item in tree]
    if not tree.plain:
        return str(tree)
    if tree in WORDS:
        return WORDS[tree]
    return parse_number(tree) if NUMBER.fullmatch(tree) else str(tree)


def parse_number(text: str) -> int | float:
    """Read a number as JSON writes it: no `.5`, `+1`, `1_000`, `inf`.

    Raises:
        InvalidInput: it is none, or no double can hold it.
    """
    line = text.line if isinstance(text, Scalar) else 0
    match = NUMBER.fullmatch(text)
    if match is None:
        raise InvalidInput(f"{shown(text)} is not a number", "write it as 12, 0.5 or 1.0e-5", line=line)
    if len(text) <= MAX_NUMBER:
        value = float(text) if match[2] or match[3] else int(text)
        if math.isfinite(value):
            return value
    raise InvalidInput(
        f"{shown(text)} is too large for a number", "put it in quotes if it is text", line=line
    )
