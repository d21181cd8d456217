"""The JSON of `check`, read back with distrust: whoever changed the workflow of a pull request could have written any of it.

It is taken whole or refused: a regular file of bounded size, one meaning for every reader, exactly the published schema, and
every name by the parsers of the domain, because the page prints names as they are. Every other text stays text, and the page
makes it inert. What is decoded is the very value that `check` had, so the page is the very page.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import stat
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

from modelmark.adapters.strict_json import parse_json
from modelmark.domain.compatibility import Change
from modelmark.domain.evidence import Dossier, Evidence, Moved
from modelmark.domain.findings import Finding, Verdict
from modelmark.domain.metrics import Metric
from modelmark.domain.names import AliasName, ModelName, parse_alias_name, parse_model_name, shown
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 4 << 20
"""Bytes. The example models' own promotions take 3 to 30 kB, one with 1,000 figures by slice 1 MB; this much is read in 1.2 s."""
_MOST = 2**53  # what every reader of JSON holds exactly
_RULE = re.compile(r"[a-z][a-z0-9-]{0,63}")
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_AGAIN = "run the check again; if it stays so, the workflow that wrote it is not the one of main"
# The values' own modules import these for the type checker alone.
_NAMES = {
    "AliasName": AliasName,
    "Change": Change,
    "Mapping": Mapping,
    "Metric": Metric,
    "ModelName": ModelName,
    "Sequence": Sequence,
    "Verdict": Verdict,
    "Version": Version,
    "datetime": datetime,
}


def read_evidence(place: Path, head: str) -> Evidence | None:
    """The evidence that a check saved; None where it saved none.

    Args:
        place: the file.
        head: the commit that it must be about.

    Raises:
        InvalidInput: it is not what `check` writes.
        Refused: it is about another commit.
    """
    data = _read(place)
    if data is None:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"the evidence is not UTF-8 (byte {error.start})", _AGAIN) from None
    found = decode_evidence(parse_json(text, "the evidence"))
    if found.head != head:
        raise Refused(
            f"the evidence is about the commit {found.head[:12]}, and not about {head[:12]}", _AGAIN
        )
    return found


def decode_evidence(value: Any) -> Evidence:
    """The value that this JSON was written from.

    Raises:
        InvalidInput: it does not fit the published schema, or a name in it is none.
    """
    _check_schema(value)
    try:
        verdict = Verdict(tuple(value["rules"]), _decode(tuple[Finding, ...], value["findings"]))
        found = Evidence(
            value["base"],
            value["head"],
            _decode(int, value["files"]),
            verdict,
            value["asks"],
            tuple(value["left_out"]),
            _decode(tuple[Moved, ...], value["moves"]),
            _decode(tuple[Dossier, ...], value["subjects"]),
        )
    except InvalidInput as error:
        raise InvalidInput(f"the evidence cannot be used: {error.message}", _AGAIN) from None
    _check_names(found)
    if verdict.passed != value["passed"]:
        raise InvalidInput("the evidence says one verdict, and its findings another", _AGAIN)
    return found


def _read(place: Path) -> bytes | None:
    try:
        # A pipe that nobody writes to must not hold us up, and a link may lead anywhere.
        opened = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InvalidInput(f"the evidence cannot be opened: {error.strerror}", _AGAIN) from None
    try:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise InvalidInput("the evidence is no regular file", _AGAIN)
        with open(opened, "rb", closefd=False) as file:
            data = file.read(LARGEST + 1)
    finally:
        os.close(opened)
    if len(data) > LARGEST:
        raise InvalidInput(f"the evidence is larger than {LARGEST >> 20} MiB", _AGAIN)
    return data


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to import

    schema = files("modelmark") / "schemas" / "check.schema.json"
    return Draft202012Validator(json.loads(schema.read_text("utf-8")))


def _check_schema(value: Any) -> None:
    try:
        (*wrong,) = islice(_validator().iter_errors(value), 1)
    except RecursionError:
        raise InvalidInput("the evidence is nested too deep to be read", _AGAIN) from None
    for error in wrong:
        where = shown(error.json_path, 120)
        raise InvalidInput(f"the evidence does not fit its schema at {where} ({error.validator})", _AGAIN)


def _check_names(found: Evidence) -> None:
    """Names that no type of ours parses, and that the page prints as they are."""
    commits = (found.head, *([found.base] if found.base else []))
    rules = (*found.verdict.rules, *found.rules, *(one.rule for one in found.verdict.findings))
    for form, what, texts in ((_COMMIT, "commit id", commits), (_RULE, "name of a check", rules)):
        for text in texts:
            if not form.fullmatch(text):
                raise InvalidInput(f"the evidence cannot be used: {shown(text)} is no {what}", _AGAIN)


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInput(f"{shown(text)} is no date such as 2026-01-02T12:00:00Z") from None


def _whole(number: float) -> int:
    """JSON Schema takes 3.0 for an integer."""
    if abs(number) > _MOST:
        raise InvalidInput(f"{shown(str(number))} is too large for a number")
    return int(number)


def _real(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        raise InvalidInput("a number is too large") from None


_PARSERS: dict[Any, Callable[[Any], Any]] = {
    ModelName: parse_model_name,
    AliasName: parse_alias_name,
    Version: parse_version,
    datetime: _moment,
    int: _whole,
    float: _real,
    str: lambda text: text,
    bool: lambda truth: truth,
}


def _decode(kind: Any, value: Any) -> Any:
    """A value of a type, from JSON that has the right shape already."""
    if kind in _PARSERS:
        return _PARSERS[kind](value)
    if dataclasses.is_dataclass(kind):
        made = typing.cast("Any", kind)
        return made(**{name: _decode(of, value[name]) for name, of in _fields(made).items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        if value not in [one.value for one in kind]:
            raise InvalidInput(f"{shown(value)} is none of {', '.join(one.value for one in kind)}")
        return kind(value)
    of = typing.get_args(kind)
    if type(None) in of:
        return None if value is None else _decode(next(one for one in of if one is not type(None)), value)
    if typing.get_origin(kind) is tuple:
        return tuple(_decode(of[0], item) for item in value)
    return {key: _decode(of[1], item) for key, item in value.items()}


@cache
def _fields(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, localns=_NAMES)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}
