"""Does a value fit a schema, and if not, where and why. The one module that knows the library `jsonschema`.

Two keywords are not the library's here. `pattern` is not evaluated (see `schemas`). `uniqueItems` is done in linear
time, because the library compares every pair of entries. Nothing is fetched: a schema in plain form has no `$ref`.
"""

from __future__ import annotations

import json
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from modelmark.domain.names import shown

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from modelmark.domain.json_values import Json

_MOST = 5  # a person mends one thing after the other


def mistakes(schema: bool | dict[str, Any], value: Json) -> Iterator[str]:
    """Why a value does not fit a schema in plain form, at most five sentences; none = it fits."""
    found = islice(_validator()(schema).iter_errors(value), _MOST)
    yield from dict.fromkeys(f"{_place(error.absolute_path)}{_why(error)}" for error in found)


def fits(schema: bool | dict[str, Any], value: Json) -> bool:
    """Whether a value fits a schema in plain form."""
    return bool(_validator()(schema).is_valid(value))


def schema_mistake(raw: dict[str, Json]) -> str | None:
    """Why this is not a JSON Schema 2020-12; None = it is one."""
    from jsonschema import Draft202012Validator, FormatChecker, SchemaError  # noqa: PLC0415 - slow to import

    try:  # no formats: one of them compiles `pattern`
        Draft202012Validator.check_schema(raw, format_checker=FormatChecker(formats=()))
    except SchemaError as error:
        return f"{_place(error.absolute_path)}{_why(error)}"
    return None


def frozen(value: Json) -> Hashable:
    """A value that is equal for equal JSON: 1 is 1.0, true is not 1, and the order of names says nothing."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, list):
        return ("list", tuple(frozen(item) for item in value))
    if isinstance(value, dict):
        return ("dict", frozenset((name, frozen(item)) for name, item in value.items()))
    return value


def same(one: Json, other: Json) -> bool:
    """Whether two values are the same JSON."""
    return one == other and frozen(one) == frozen(other)  # the first alone takes true for 1, and is fast


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator, ValidationError  # noqa: PLC0415 - slow to import
    from jsonschema.validators import extend  # noqa: PLC0415

    def unique(_: Any, wanted: bool, value: Any, __: Any) -> Iterator[ValidationError]:
        if wanted and isinstance(value, list) and len({frozen(item) for item in value}) < len(value):
            yield ValidationError("not unique")

    return extend(  # type: ignore[no-untyped-call]  # its stub has no types
        Draft202012Validator, {"uniqueItems": unique, "pattern": lambda *_: None}
    )


def _place(path: Any) -> str:
    """`spans[0].start `, or nothing for the whole value."""
    parts = [f"[{step}]" if isinstance(step, int) else f".{field_name(step)}" for step in path]
    return "".join(parts).removeprefix(".") + (" " if parts else "")


def field_name(text: str) -> str:
    """The name of a field for a message: as it is where it is plain, else quoted."""
    return (
        text if text.isascii() and text.replace("-", "_").isidentifier() and len(text) <= 64 else shown(text)
    )


def _why(error: Any) -> str:
    keyword, wanted, value = error.validator, error.validator_value, error.instance
    if keyword == "required":
        return f"has no {', '.join(field_name(one) for one in wanted if one not in value)}, which is required"
    if keyword == "additionalProperties" and wanted is False:
        extra = [one for one in value if one not in error.schema.get("properties", {})]
        return f"has {', '.join(field_name(one) for one in extra[:_MOST])}, which it may not have"
    if keyword is None:  # the library does not say where
        return f"{literal(value)} stands where nothing may"
    if keyword == "type":
        return f"is {literal(value)}, and must be of type {' or '.join([wanted] if isinstance(wanted, str) else wanted)}"
    return f"is {literal(value)}, which breaks {keyword}: {literal(wanted)}"


def literal(value: Json) -> str:
    """A value as JSON for a message: one line, ASCII, cut off where it is long."""
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
