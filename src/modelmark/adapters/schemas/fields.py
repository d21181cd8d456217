"""From the text of a scalar to a value: the kinds of fields that several files have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from modelmark.adapters.strict_yaml import MappingNode, SequenceNode, parse_number, to_json
from modelmark.domain.names import AliasName, ModelName, parse_alias_name, parse_model_name, shown
from modelmark.domain.tags import NONE
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput

T = TypeVar("T")

_SLUG = re.compile(r"[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?")
_COUNT = re.compile(r"0|[1-9][0-9]{0,17}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def refusal(
    message: str, hint: str = "", *, line: int = 0, at: Sequence[str | int] = ()
) -> PydanticCustomError:
    """What a validator raises: a sentence, or one that goes on after the place's name ("must be …").

    Args:
        message: what is wrong.
        hint: what to do.
        line: where, if it is known better than by the place.
        at: steps from the place of the validator to the culprit.
    """
    about = {"message": message, "hint": hint, "line": line, "at": tuple(at)}
    return PydanticCustomError("refused", "{message}", about)


def nearest(word: str, known: Sequence[str]) -> str:
    """A hint: the known word that was probably meant, or all of them."""
    close = get_close_matches(word, known, 1)
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}"


def kind_of(value: object) -> str:
    """What a node is, for people."""
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list) else "the text " + shown(str(value), 40) if value else "empty"


class Section(BaseModel):
    """A mapping with known keys."""

    # Built at the first use: a reader of aliases.yaml does not wait for the shapes of incidents.
    model_config = ConfigDict(
        defer_build=True,
        extra="forbid",
        frozen=True,
        model_title_generator=lambda schema: schema.__name__.removesuffix("Schema"),
    )

    @model_validator(mode="before")
    @classmethod
    def _check_keys(cls, data: object) -> object:
        known = _keys(cls)
        unknown = next((key for key in data if key not in known), None) if isinstance(data, dict) else None
        if unknown is not None:
            raise refusal(f"the key {shown(unknown)} is unknown here", nearest(unknown, known), at=(unknown,))
        return data


@cache
def _keys(schema: type[BaseModel]) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in schema.model_fields.items())


def reads(parse: Callable[[str], T]) -> PlainValidator:
    """A validator that turns the text of a scalar into a value."""

    def read(value: object) -> T:
        if not isinstance(value, str):
            raise refusal(f"must be text, not {kind_of(value)}")
        try:
            return parse(value)
        except InvalidInput as error:
            raise refusal(error.message, error.hint) from error

    return PlainValidator(read)


def one_of(*words: str) -> PlainValidator:
    """A validator for one of a few words."""

    def parse(text: str) -> str:
        if text not in words:
            raise refusal(f"must be one of {', '.join(words)}, not {shown(text, 40)}", nearest(text, words))
        return str(text)

    return reads(parse)


def matching(pattern: str, what: str) -> PlainValidator:
    """A validator for text of one form, said in words."""
    compiled = re.compile(pattern, re.ASCII)

    def parse(text: str) -> str:
        if not compiled.fullmatch(text):
            raise refusal(f"must be {what}, not {shown(text)}")
        return str(text)

    return reads(parse)


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise refusal("must be one line of text, and not empty")
    return str(text)


def _statement(text: str) -> str:
    if not text.strip():
        raise refusal("must not be empty", "say it in a sentence")
    return str(text)


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise refusal(f"must be lower-case letters, digits, '-' and '_', not {shown(text)}")
    return str(text)


def _count(text: str) -> int:
    if not _COUNT.fullmatch(text):
        raise refusal(f"must be a whole number of 0 or more, not {shown(text, 40)}")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(parse_number(text))
    except OverflowError:
        raise refusal(f"must be a number that fits a double, not {shown(text, 40)}") from None


def _amount(text: str) -> float:
    number = _number(text)
    if number < 0:
        raise refusal(f"must be a number of 0 or more, not {shown(text, 40)}")
    return number


def _yes_or_no(text: str) -> bool:
    if text not in ("true", "false"):
        raise refusal(f"must be true or false, not {shown(text, 40)}")
    return text == "true"


def _time(text: str) -> datetime:
    if not _TIME.fullmatch(text):
        raise refusal(f"must be a time in UTC such as 2026-11-20T18:40:49Z, not {shown(text, 40)}")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise refusal(f"must be a time that exists: {error}") from error


def _day(text: str) -> date:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise refusal(f"must be a day such as 2026-11-20, not {shown(text, 40)}") from None


def _owner(text: str) -> str:
    from modelmark.domain.codeowners import parse_owner  # noqa: PLC0415 - few files name an owner

    return parse_owner(text)


def _version_or_none(text: str) -> Version | None:
    return None if text == NONE else parse_version(text)


def _free(value: object) -> Mapping[str, Any]:
    if not isinstance(value, MappingNode):
        raise refusal(f"must be a mapping, not {kind_of(value)}")
    try:
        return {str(key): to_json(item) for key, item in value.items()}
    except InvalidInput as error:
        raise refusal(error.message, error.hint, line=error.line) from error


def _interval(value: object) -> tuple[float, float]:
    if not isinstance(value, SequenceNode) or len(value) != 2:
        raise refusal("must be two numbers, [low, high]")
    try:
        low, high = (_number(end if isinstance(end, str) else "") for end in value)
    except InvalidInput as error:
        raise refusal(error.message, error.hint) from error
    if low > high:
        raise refusal("must be two numbers, [low, high], the lower one first")
    return low, high


_TEXT = WithJsonSchema({"type": "string"})
_NUMBER = WithJsonSchema({"type": "number"})

Text = Annotated[str, reads(str), _TEXT]
Line = Annotated[str, reads(_line), WithJsonSchema({"type": "string", "minLength": 1})]
Statement = Annotated[str, reads(_statement), WithJsonSchema({"type": "string", "minLength": 1})]
Slug = Annotated[str, reads(_slug), WithJsonSchema({"type": "string", "pattern": f"^{_SLUG.pattern}$"})]
Count = Annotated[int, reads(_count), WithJsonSchema({"type": "integer", "minimum": 0})]
Number = Annotated[float, reads(_number), _NUMBER]
Amount = Annotated[float, reads(_amount), WithJsonSchema({"type": "number", "minimum": 0})]
YesOrNo = Annotated[bool, reads(_yes_or_no), WithJsonSchema({"type": "boolean"})]
Time = Annotated[datetime, reads(_time), WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[date, reads(_day), WithJsonSchema({"type": "string", "format": "date"})]
Model = Annotated[ModelName, reads(parse_model_name), _TEXT]
Alias = Annotated[AliasName, reads(parse_alias_name), _TEXT]
Owner = Annotated[str, reads(_owner), _TEXT]
OneVersion = Annotated[Version, reads(parse_version), _TEXT]
VersionOrNone = Annotated[Version | None, reads(_version_or_none), _TEXT]
FreeForm = Annotated[Mapping[str, Any], PlainValidator(_free), WithJsonSchema({"type": "object"})]
Interval = Annotated[
    tuple[float, float],
    PlainValidator(_interval),
    WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
]
