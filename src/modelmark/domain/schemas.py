"""Which JSON Schemas a signature may hold, and the plain form in which the rest of the domain sees them.

A signature is written by others and judged by a gate, so a schema is read by a list of what is allowed (JSON Schema
2020-12, https://json-schema.org/draft/2020-12), and everything else is refused by its name:

* At most `MAX_NODES` values, `MAX_DEPTH` deep, also after every `$ref` has been replaced by what it names.
* `$ref` only to `#/$defs/<name>` of the same schema, and never in a circle. Nothing is ever fetched.
* `pattern` is kept and compared as text, and never evaluated: a regular expression can take for ever. Where the
  outcome of others would hang on it (`not`, `if`, `oneOf`, `contains`) it is refused, like `patternProperties`.
* A keyword that JSON Schema does not know would be ignored by every validator, so a slip of the pen would promise
  nothing: it is refused. `x-…` is for your own.

The plain form has no `$ref`, no remarks (`title`, `description`, …), no `const` (an `enum` of one) and no empty schema (`True`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from modelmark.domain.instances import field_name, mistakes, schema_mistake
from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modelmark.domain.json_values import Json

Schema: TypeAlias = "bool | dict[str, Any]"

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_NODES = 2_000
MAX_DEPTH = 16

ONE = frozenset({"additionalProperties", "items", "contains", "propertyNames", "not", "if", "then", "else"})
SEVERAL = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
NAMED = frozenset({"properties", "dependentSchemas"})
_PLAIN = frozenset(
    {"type", "enum", "const", "required", "dependentRequired", "pattern", "format", "default"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems"}
    | {f"{end}{of}" for end in ("min", "max") for of in ("Length", "Items", "Properties", "Contains")}
    | {"contentEncoding", "contentMediaType"}
)
_REMARKS = frozenset(
    {
        "title",
        "description",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$comment",
        "$defs",
        "$schema",
    }
)
_KNOWN = ONE | SEVERAL | NAMED | _PLAIN | _REMARKS | {"$ref"}
_HANGS_ON = frozenset({"not", "if", "oneOf", "contains"})
_REF = "#/$defs/"


def read_schema(raw: Json, where: str) -> dict[str, Any]:
    """The plain form of a JSON Schema of an object.

    Args:
        raw: as it stands in the signature.
        where: `inputs` or `outputs`, for messages.

    Raises:
        InvalidInput: it is no JSON Schema, or holds what a signature may not.
    """
    check_size(raw, where)
    if not isinstance(raw, dict) or raw.get("type") != "object":
        raise InvalidInput(f"{where} must be a JSON Schema of an object", "write `type: object` at its top")
    if raw.get("$schema", DIALECT) != DIALECT:
        raise InvalidInput(
            f"{where} is written in another dialect than JSON Schema 2020-12", f"use {DIALECT}"
        )
    wrong = schema_mistake(raw)
    if wrong is not None:
        raise InvalidInput(
            f"{where} is not a JSON Schema: {wrong}", "compare with json-schema.org/draft/2020-12"
        )
    definitions = raw.get("$defs", {})
    plain = _Reader(definitions if isinstance(definitions, dict) else {}).read(raw, _Spot(where))
    if not isinstance(plain, dict):  # `type` is there, so the plain form has it
        raise InvalidInput(f"{where} must be a JSON Schema of an object", "write `type: object` at its top")
    check_size(plain, f"{where}, with every $ref in its place,")
    return plain


def check_size(value: Json, where: str, limit: int = MAX_NODES) -> int:
    """Count the values; refuse what is too big, too deep, or no number that JSON has."""
    waiting, seen = [(value, 1)], 0
    while waiting:
        one, depth = waiting.pop()
        seen += 1
        if (
            seen > limit or depth > MAX_DEPTH * 2
        ):  # a level of a schema is two of JSON: properties, and a name
            raise InvalidInput(
                f"{where} is too big: at most {limit:,} values, nested at most {MAX_DEPTH * 2} deep",
                "leave out what no client needs to know",
            )
        if isinstance(one, float) and not math.isfinite(one):
            raise InvalidInput(
                f"{where} holds a number that JSON does not have: {one}", "use a finite number"
            )
        if isinstance(one, dict):
            _check_names(one, where)
            waiting += [(item, depth + 1) for item in one.values()]
        elif isinstance(one, list):
            waiting += [(item, depth + 1) for item in one]
    return seen


def _check_names(value: dict[str, Json], where: str) -> None:
    long = next((name for name in value if len(name) > 128), None)
    if long is not None:
        raise InvalidInput(f"{where} has a name of {len(long)} characters", "use at most 128")


@dataclass(frozen=True)
class _Spot:
    """Where the reader is: `within` = definitions being read, `exact` = a `pattern` would decide the outcome here."""

    where: str
    within: tuple[str, ...] = ()
    exact: bool = False
    depth: int = 1

    def under(self, keyword: str, name: str) -> _Spot:
        steps = [*([] if keyword == "properties" else [keyword]), *([field_name(name)] if name else [])]
        exact = self.exact or keyword in _HANGS_ON
        return replace(self, where=".".join((self.where, *steps)), exact=exact, depth=self.depth + 1)


class _Reader:
    """Reads one schema once; `left` counts down, because a `$ref` may be followed many times."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self._definitions = definitions
        self._left = MAX_NODES

    def read(self, raw: Any, spot: _Spot) -> Schema:
        self._left -= 1
        if self._left < 0 or spot.depth > MAX_DEPTH:
            raise InvalidInput(
                f"{spot.where} is too big: at most {MAX_NODES:,} schemas, nested at most {MAX_DEPTH} deep,"
                " each $ref counted as what it names",
                "leave out what no client needs to know",
            )
        if isinstance(raw, bool):
            return raw
        made: dict[str, Any] = {}
        for keyword, value in raw.items():
            _check_keyword(keyword, spot)
            if keyword != "$ref" and keyword not in _REMARKS and not keyword.startswith("x-"):
                made[keyword] = mapped(keyword, value, partial(self._inner, spot, keyword))
        if "$ref" in raw:
            made = _both(self._named(raw["$ref"], spot), made)
        _check_default(made, spot.where)
        return _simplified(made)

    def _inner(self, spot: _Spot, keyword: str, raw: Any, name: str) -> Schema:
        return self.read(raw, spot.under(keyword, name))

    def _named(self, ref: str, spot: _Spot) -> Schema:
        name = ref.removeprefix(_REF)
        if not ref.startswith(_REF) or name not in self._definitions:
            raise InvalidInput(
                f"{spot.where} refers to {shown(ref)}; only {_REF}<name> of the same schema is followed",
                "put what it names under $defs",
            )
        if name in spot.within:
            raise InvalidInput(
                f"{spot.where} refers to {shown(ref)} in a circle", "write out as many levels as you use"
            )
        inner = replace(spot, within=(*spot.within, name), depth=spot.depth + 1)
        return self.read(self._definitions[name], inner)


def _check_keyword(keyword: str, spot: _Spot) -> None:
    if keyword == "pattern" and spot.exact:
        raise InvalidInput(
            f"{spot.where} has a pattern under {', '.join(sorted(_HANGS_ON))}, and patterns are never evaluated",
            "say it with enum, or leave it out",
        )
    if keyword not in _KNOWN and not keyword.startswith("x-"):
        raise InvalidInput(
            f"{spot.where} has the keyword {shown(keyword)}, which a signature may not have",
            "mend the spelling, or name it x-… if it is your own; patternProperties, unevaluated…, $id and the"
            " like are not allowed",
        )


def mapped(keyword: str, value: Any, visit: Callable[[Any, str], Schema]) -> Any:
    """The value of a keyword with each schema in it replaced by what `visit` makes of it and of its name, if any."""
    if keyword in ONE:
        return visit(value, "")
    if keyword in SEVERAL:
        return [visit(one, "") for one in value]
    if keyword in NAMED:
        return {name: visit(one, name) for name, one in value.items()}
    return value


def inside(schema: Schema) -> Iterator[Schema]:
    """A schema and all schemas in it."""
    yield schema
    if isinstance(schema, dict):
        for keyword, value in schema.items():
            parts = [value] if keyword in ONE else value if keyword in SEVERAL else ()
            for one in value.values() if keyword in NAMED else parts:
                yield from inside(one)


def _both(target: Schema, beside: dict[str, Any]) -> dict[str, Any]:
    """A `$ref` and what stands beside it: both hold; a default beside it replaces the one it names."""
    if isinstance(target, dict) and set(beside) <= {"default"}:
        return {**target, **beside}
    return {"allOf": [target, beside]} if beside else {"allOf": [target]}


def _check_default(made: dict[str, Any], where: str) -> None:
    if "default" in made:
        for wrong in mistakes(made, made["default"]):
            raise InvalidInput(
                f"the default of {where} is not what it may be: {wrong}", "mend one of the two"
            )


def _simplified(made: dict[str, Any]) -> Schema:
    if isinstance(made.get("type"), list):
        kinds = sorted(set(made["type"]))
        made["type"] = kinds[0] if len(kinds) == 1 else kinds
    if "required" in made:
        made["required"] = sorted(set(made["required"]))
    if "const" in made and "enum" not in made:
        made["enum"] = [made.pop("const")]
    if set(made) == {"allOf"} and len(made["allOf"]) == 1:
        only: Schema = made["allOf"][0]
        return only
    if made.get("additionalProperties") is True:
        del made["additionalProperties"]
    return made or True
