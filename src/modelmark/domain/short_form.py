"""The short form of inputs and outputs, which expands to a JSON Schema of an object.

    fields  = { name ["?"] : spec, … }          `?` = it may be left out
    name    = a letter or "_", then letters, digits, "_", "-" and ".", at most 64 characters
    spec    = either { "|" either } [ "=" default ]
    either  = type limits { "[]" limits }       each "[]" makes an array of what stands left of it
    type    = string | integer | int | number | float | boolean | bool | object | array | null | any
    limits  = { ("<=" | ">=" | "<" | ">") number }

Limits of a number are its own, those of `string` count characters, those after `[]` (and of `array`) count entries:
`number>=0<=1`, `string<=4096`, `number[]>=384<=384`, `string<=64[]<=8`, `number[][]`. Where `|` stands between types,
the value is of one of them: `string|null`, `string|string[]`. Where it stands between words that are no types, the
value is one of these texts: `positive|negative`. A default is read as JSON where that fits (`boolean=false`,
`int<=256=128`), else it is the text itself (`string=en`); only a field with `?` has one.

A request has the named fields and no other; a response has at least the named fields. So a later version may add
optional inputs, which no client can be sending already, and outputs, which no client needs to know. Whatever the short
form cannot say (fields of fields, single texts) is written as JSON Schema.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from modelmark.domain.instances import fits
from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.json_values import Json

_TYPES: dict[str, str] = {
    **{name: name for name in ("string", "integer", "number", "boolean", "object", "array", "null")},
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "any": "any",
}
_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]{0,63})(\?)?")
_SPEC = re.compile(r"((?:[^<>=]|[<>]=?)*)(?:=(.*))?", re.DOTALL)
_EITHER = re.compile(r"([a-z]+)((?:\[\]|[<>]=?-?[0-9]+(?:\.[0-9]+)?)*)")
_PART = re.compile(r"\[\]|([<>]=?)(.+?)(?=[\[<>]|$)")
_WORD = re.compile(r"[^<>=\[\]|\"]{1,128}")
_MAX_SPEC = 2_000

# What a limit is called: of numbers, and of what is counted.
_OF_NUMBERS = {"<=": "maximum", ">=": "minimum", "<": "exclusiveMaximum", ">": "exclusiveMinimum"}
_COUNTED = {"string": "Length", "array": "Items"}


def is_short(raw: Mapping[str, Json]) -> bool:
    """Whether fields are in the short form: a JSON Schema of an object says `type: object`, or that it is one."""
    return (
        raw.get("type") != "object" and "$schema" not in raw and not isinstance(raw.get("properties"), dict)
    )


def expand(fields: Mapping[str, Json], where: str, *, closed: bool) -> dict[str, Json]:
    """The JSON Schema that the short form stands for; `closed` = no other fields.

    Raises:
        InvalidInput: a field cannot be read.
    """
    made: dict[str, Json] = {}
    required: list[Json] = []
    for written, spec in fields.items():
        match = _NAME.fullmatch(written)
        if match is None:
            raise InvalidInput(
                f"{where} has a field {shown(written)}, which is no name in the short form",
                "use letters, digits, '_', '-' and '.'; or write a JSON Schema with `type: object`",
            )
        name, optional = match[1], bool(match[2])
        if name in made:
            raise InvalidInput(f"{where} has {name} twice, with `?` and without", "keep one of them")
        made[name] = _field(f"{where}.{name}", spec, optional=optional)
        if not optional:
            required.append(name)
    schema: dict[str, Json] = {"type": "object", "properties": made, "required": required}
    return {**schema, "additionalProperties": False} if closed else schema


def _field(where: str, spec: Json, *, optional: bool) -> dict[str, Json]:
    if not isinstance(spec, str) or len(spec) > _MAX_SPEC:
        raise InvalidInput(
            f"{where} must be a short text such as string or int<=256",
            "or write the whole as a JSON Schema with `type: object`",
        )
    match = _SPEC.fullmatch(spec)
    kind, default = (match[1], match[2]) if match else (spec, None)
    schema = _schema(where, [part.strip() for part in kind.split("|")])
    if default is None:
        return schema
    if not optional:
        raise InvalidInput(
            f"{where} has a default and is required", "a field with a default is written with `?`"
        )
    return {**schema, "default": _default(where, default.strip(), schema)}


def _schema(where: str, parts: list[str]) -> dict[str, Json]:
    eithers = [_EITHER.fullmatch(part) for part in parts]
    known = [match is not None and match[1] in _TYPES for match in eithers]
    if len(parts) > 1 and not any(known) and all(_WORD.fullmatch(part) for part in parts):
        return {"enum": list(dict.fromkeys(parts))}
    if not all(known):
        wrong = parts[known.index(False)]
        raise InvalidInput(
            f"{where} is {shown(wrong)}, which is no type",
            f"known are: {', '.join(_TYPES)}; a list is written string[]",
        )
    made = [_either(where, match[1], match[2]) for match in eithers if match]
    if len(made) == 1:
        return made[0]
    if all(set(one) == {"type"} for one in made):
        return {"type": [one["type"] for one in made]}
    return {"anyOf": [*made]}


def _either(where: str, kind: str, rest: str) -> dict[str, Json]:
    schema: dict[str, Json] = {} if kind == "any" else {"type": _TYPES[kind]}
    for part in _PART.finditer(rest):
        if part[0] == "[]":
            schema = {"type": "array", "items": schema}
        else:
            keyword, limit = _limit(where, schema.get("type"), part[1], part[2])
            if keyword in schema:
                raise InvalidInput(f"{where} has two limits {part[1]}", "keep one of them")
            schema[keyword] = limit
    return schema


def _limit(where: str, kind: Any, sign: str, number: str) -> tuple[str, int | float]:
    value = float(number) if "." in number else int(number)
    if kind in {"integer", "number"}:
        return _OF_NUMBERS[sign], value
    if kind not in _COUNTED:
        raise InvalidInput(
            f"{where} has a limit, and only numbers, texts and arrays have one", "leave it out"
        )
    if not isinstance(value, int) or value < 0:
        raise InvalidInput(f"{where} is limited to {number}, which is no count", "use a whole number from 0")
    beside = {"<=": 0, ">=": 0, "<": -1, ">": 1}[sign]
    if value + beside < 0:
        raise InvalidInput(f"{where} cannot have fewer than 0", "use `<=0` for nothing at all")
    return f"{'max' if sign[0] == '<' else 'min'}{_COUNTED[kind]}", value + beside


def _default(where: str, text: str, schema: dict[str, Json]) -> Json:
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    for one in (value, text):
        if fits(schema, one):
            return one
    raise InvalidInput(f"{where} has the default {shown(text)}, which it may not be", "mend one of the two")
