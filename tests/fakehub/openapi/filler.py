"""What GitHub requires in an answer and nobody reads: it is made up from the schema, so that answers are whole.

A key that our client reads is never made up in an object that fakehub has answered: fakehub must say it, or the answer is
wrong. What the client reads is every text constant in the modules that speak to GitHub, which are a few too many.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import modelmark
from tests.fakehub.openapi.schemas import Schema, distance

_SCALARS = {"string": "filled", "integer": 1, "number": 1, "boolean": False}
_MOMENT = "2026-11-28T12:00:00Z"


@cache
def read_by_clients() -> frozenset[str]:
    """Every key that our client could read of an answer."""
    source = Path(modelmark.__file__).parent
    texts = {path: path.read_text(encoding="utf-8") for path in source.rglob("*.py")}
    trees = [ast.parse(text) for path, text in texts.items() if "github_rest" in path.stem + text]
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(
        node.value for node in nodes if isinstance(node.value, str) and node.value.isidentifier()
    )


class Filler:
    """Fills answers.

    Args:
        address: below it lies every address that is made up.
        read: the keys that are never made up.
    """

    def __init__(self, address: str, read: frozenset[str]) -> None:
        self._address = address
        self._read = read

    def filled(self, schema: Schema, value: Any) -> Any:
        """A value with all that its schema requires, except what our client reads; the value itself stays as it is."""
        if "anyOf" in schema and "properties" not in schema:
            tries = [(self.filled(one, value), one) for one in schema["anyOf"]]
            return min(tries, key=lambda one: distance(one[1], one[0]))[0]
        if isinstance(value, list):
            items = schema.get("items", {})
            return [self.filled(items, one) for one in value]
        if not isinstance(value, dict):
            return value
        known = schema.get("properties", {})
        made = {key: self.filled(known.get(key, {}), one) for key, one in value.items()}
        for key in schema.get("required", ()):
            if key not in made and key not in self._read:
                made[key] = self.made(key, known.get(key, {}))
        return made

    def made(self, key: str, schema: Schema) -> Any:
        """A value of a schema; null wherever that is one."""
        kind = schema.get("type")
        if "anyOf" in schema and kind is None:
            return None if {"type": "null"} in schema["anyOf"] else self.made(key, schema["anyOf"][0])
        if kind is None or isinstance(kind, list):
            return None
        if "enum" in schema:
            return schema["enum"][0]
        if kind == "array":
            return []
        if kind == "object":
            known = schema.get("properties", {})
            return {name: self.made(name, known.get(name, {})) for name in schema.get("required", ())}
        made_up = {"uri": f"{self._address}/filled/{key}", "date-time": _MOMENT}
        return made_up.get(schema.get("format", ""), _SCALARS[kind])
