"""Two sides of a signature, and what is said of their difference."""

from __future__ import annotations

from typing import Any

from modelmark.domain.compatibility import Change, describe_difference

TEXT = {"text": "string"}


def an_object(closed: bool = False, required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": properties, "required": list(required)}
    return {**made, "additionalProperties": False} if closed else made


def one(schema: Any) -> dict[str, Any]:
    return an_object(closed=True, x=schema)


def changes(section: str, old: Any, new: Any) -> list[Change]:
    sides = ({"version": "1.0", "inputs": TEXT, "outputs": {}, section: side} for side in (old, new))
    return list(describe_difference(*sides))


def said(section: str, old: Any, new: Any) -> list[str]:
    return [f"{'! ' if one.breaks else ''}{one.path}: {one.sentence}" for one in changes(section, old, new)]
