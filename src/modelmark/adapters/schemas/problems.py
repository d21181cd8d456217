"""What pydantic found wrong, as one sentence with the line of the culprit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from modelmark.adapters.schemas.fields import kind_of
from modelmark.adapters.strict_yaml import MappingNode, Node, SequenceNode, line_of
from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

M = TypeVar("M", bound=BaseModel)

_SHAPES = {
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
}


def validate(schema: type[M], tree: Node, path: str) -> M:
    """Judge a file by its schema.

    Raises:
        InvalidInput: the problem that stands first in the file.
    """
    try:
        return schema.model_validate(tree)
    except ValidationError as error:
        found = [_problem(detail, tree) for detail in error.errors(include_url=False)]
        line, message, hint = min(found, key=lambda problem: problem[0])
        raise InvalidInput(message, hint, path=path, line=line) from None


def _problem(detail: Any, tree: Node) -> tuple[int, str, str]:
    about = detail.get("ctx", {})
    location = [*detail["loc"], *about.get("at", ())]
    line, hint, kind = about.get("line", 0), about.get("hint", ""), detail["type"]
    if kind == "refused":
        message = about["message"]
    elif kind == "missing":
        message, hint = f"the key {shown(str(location.pop()))} is missing", "add it"
    elif kind in _SHAPES:
        message = f"must be {_SHAPES[kind]}, not {kind_of(detail['input'])}"
    else:
        message = str(detail["msg"])
    place = _place(tree, location) or ("" if not message.startswith("must ") else "the file")
    joint = " " if message.startswith("must ") else ": " if place else ""
    return line or line_of(tree, location), f"{place}{joint}{message}", hint


def _place(tree: Node, location: Sequence[str | int]) -> str:
    """`gates.production.criteria[0]`; steps that are pydantic's own and not in the file are left out."""
    place = ""
    for step in location:
        if isinstance(tree, MappingNode) and step in tree:
            name = str(step)
            place += ("." if place else "") + (
                name if re.fullmatch(r"[\w-]{1,64}", name) else shown(name, 40)
            )
            tree = tree[name]
        elif isinstance(tree, SequenceNode) and isinstance(step, int) and step < len(tree):
            place += f"[{step}]"
            tree = tree[step]
    return place
