"""What a client that knows nothing but a signature sends: its examples, and the smallest requests that it allows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from modelmark.domain.instances import fits
from modelmark.domain.runs import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from modelmark.domain.json_values import Json
    from modelmark.domain.signature import Signature

_MOST_ITEMS = 1_000
_TEXT = "text "


class _Unknown(Exception):
    """Nobody can make up a value of this schema."""


def requests_of(signature: Signature) -> Iterator[Call]:
    """Requests that a signature allows, without those that are there twice.

    A made-up request that does not fit after all (two keywords that depend on each other) is left out.
    """
    sent: list[Json] = []
    for number, example in enumerate(signature.examples, 1):
        sent.append(example.request)
        yield Call(f"example {number} of the signature", example.request)
    for every, origin in ((False, "the required inputs alone"), (True, "all inputs")):
        try:
            request = _made(signature.inputs, every)
        except _Unknown:
            continue
        if request not in sent and fits(signature.inputs, request):
            sent.append(request)
            yield Call(origin, request)


def _made(schema: bool | Mapping[str, Any], every: bool) -> Json:
    """A value: the default, else the first of an enumeration, else the smallest of the type.

    With `every`, switches are on: what they switch is to be tried too.
    """
    if isinstance(schema, bool):
        return _TEXT.strip()
    if every and schema.get("type") == "boolean" and fits(dict(schema), True):
        return True
    if "default" in schema:
        default: Json = schema["default"]
        return default
    if schema.get("enum"):
        first: Json = schema["enum"][0]
        return first
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema and "type" not in schema:
            return _made(schema[keyword][0], every)
    types = schema.get("type", "string")
    kind = types if isinstance(types, str) else types[0]
    return _KINDS[kind](schema, every)


def _object(schema: Mapping[str, Any], every: bool) -> Json:
    fields = schema.get("properties", {})
    required = schema.get("required", [])
    wanted = dict.fromkeys((*required, *fields)) if every else dict.fromkeys(required)
    made: dict[str, Json] = {}
    for name in wanted:
        try:
            made[name] = _made(fields.get(name, True), every)
        except _Unknown:
            if name in required:
                raise
    return made


def _list(schema: Mapping[str, Any], every: bool) -> Json:
    first = schema.get("prefixItems", [])
    count = max(schema.get("minItems", 0), min(1, schema.get("maxItems", 1)), len(first))
    if count > _MOST_ITEMS:
        raise _Unknown
    others = [schema.get("items", True)] * (count - len(first))
    return [_made(one, every) for one in (*first, *others)]


def _text(schema: Mapping[str, Any], _: bool) -> Json:
    least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    if "pattern" in schema or "format" in schema or least > _MOST_ITEMS:
        raise _Unknown
    length = int(min(max(least, len(_TEXT) - 1), most))
    return (_TEXT * (length // len(_TEXT) + 1))[:length]


def _number(schema: Mapping[str, Any], _: bool) -> Json:
    """The number nearest to nought that the limits allow."""
    step = schema.get("multipleOf", 1)
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    if low <= 0 <= high and fits(dict(schema), 0):
        return 0
    near = math.ceil(low / step) * step if low >= 0 else math.floor(high / step) * step
    tried: tuple[float, ...] = (near, near + step, near - step, (low + high) / 2)
    for value in tried:
        if math.isfinite(value) and fits(dict(schema), value):
            return value
    raise _Unknown


_KINDS: dict[str, Callable[[Mapping[str, Any], bool], Json]] = {
    "object": _object,
    "array": _list,
    "string": _text,
    "integer": _number,
    "number": _number,
    "boolean": lambda _, __: False,
    "null": lambda _, __: None,
}
