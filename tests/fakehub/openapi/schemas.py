"""Schemas of OpenAPI 3.0 as closed JSON Schemas, and what is wrong with a value, in words.

Closed: a key that GitHub does not know is an error, because GitHub ignores it in a request and never gives it in an answer.
Alternatives may overlap, since GitHub's `oneOf` do. A reference becomes the schema itself, shared, so nothing is looked up
while a value is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

Schema = dict[str, Any]

_SAME = {
    *("type", "enum", "format", "pattern", "required", "uniqueItems"),
    *("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "maxProperties"),
}
_NULL = {"type": "null"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or _MOMENT.fullmatch(value) is not None


@_FORMATS.checks("uri", raises=ValueError)
def _is_address(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


class Schemas:
    """The schemas of one document.

    Args:
        document: an OpenAPI 3.0.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._made: dict[str, Schema] = {}

    def resolve(self, part: Any) -> Any:
        """What a part refers to; itself, where it does not."""
        while isinstance(part, dict) and "$ref" in part:
            found: Any = self._document
            for key in part["$ref"].removeprefix("#/").split("/"):
                found = found[key]
            part = found
        return part

    def translate(self, schema: Mapping[str, Any], *, open_: bool = False) -> Schema:
        """A schema as JSON Schema; `open_`: other keys are told by the schema around it."""
        name = schema.get("$ref")
        if name is None:
            return self._translated(schema, open_)
        if name not in self._made:
            self._made[name] = {}  # schemas go round in circles
            self._made[name].update(self._translated(self.resolve(schema), open_))
        return self._made[name]

    def _translated(self, schema: Mapping[str, Any], open_: bool) -> Schema:
        made: Schema = {key: value for key, value in schema.items() if key in _SAME}
        if "properties" in schema:
            made["properties"] = {key: self.translate(one) for key, one in schema["properties"].items()}
        if "items" in schema:
            made["items"] = self.translate(schema["items"])
        if "additionalProperties" in schema:
            more = schema["additionalProperties"]
            made["additionalProperties"] = self.translate(more) if isinstance(more, dict) else more
        if options := schema.get("oneOf", schema.get("anyOf")):
            made["anyOf"] = [self.translate(one, open_="properties" in schema) for one in options]
        for one in schema.get("allOf", ()):
            _merge(made, self.translate(one))
        if "properties" in made and "allOf" not in made and not open_:
            made.setdefault("additionalProperties", False)
        return _nullable(made) if schema.get("nullable") else made


def _merge(made: Schema, part: Schema) -> None:
    """All of several objects are one object with the keys of each, so it can be closed."""
    if "properties" not in part or "anyOf" in part:
        made.setdefault("allOf", []).append(part)
        return
    made["type"] = "object"
    made["properties"] = {**made.get("properties", {}), **part["properties"]}
    made["required"] = [*made.get("required", ()), *part.get("required", ())]


def _nullable(made: Schema) -> Schema:
    if "type" in made:
        made["type"] = [made["type"], "null"]
    if "enum" in made:
        made["enum"] = [*made["enum"], None]
    if "anyOf" in made:
        made["anyOf"] = [*made["anyOf"], _NULL]
    return made


def faults(schema: Schema, value: Any) -> list[str]:
    """What is wrong with a value, each with the place in it."""
    return [words for error in _errors(schema, value) for words in _told(error)]


def distance(schema: Schema, value: Any) -> tuple[bool, int]:
    """How far a value is from a schema: one of another type is farther than any other."""
    return _far(_errors(schema, value))


def _errors(schema: Schema, value: Any) -> list[ValidationError]:
    return list(Draft202012Validator(schema, format_checker=_FORMATS).iter_errors(value))


def _far(errors: list[ValidationError]) -> tuple[bool, int]:
    return any(one.validator == "type" and not one.relative_path for one in errors), len(errors)


def _told(error: Any) -> Iterator[str]:
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    where = f"{where.removeprefix('.')}: " if where else ""
    if error.validator == "anyOf" and error.context:
        yield from (words for one in _nearest(error.context) for words in _told(one))
    elif error.validator == "required":
        yield f"{where}`{error.message.split(chr(39))[1]}` is missing"
    elif error.validator == "additionalProperties" and error.validator_value is False:
        unknown = [key for key in error.instance if key not in error.schema.get("properties", ())]
        yield from (f"{where}`{key}` is unknown to GitHub" for key in unknown)
    else:
        yield f"{where}{error.message[:200]}"


def _nearest(errors: list[ValidationError]) -> list[ValidationError]:
    """Those of the alternative that the value misses least."""
    by_option: dict[Any, list[ValidationError]] = {}
    for error in errors:
        by_option.setdefault(error.schema_path[0], []).append(error)
    return min(by_option.values(), key=_far)
