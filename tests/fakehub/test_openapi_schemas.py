"""Schemas of OpenAPI as closed JSON Schemas: what each allows, and how what is wrong is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakehub.openapi.filler import Filler
from tests.fakehub.openapi.schemas import Schemas, faults

USER = {"type": "object", "properties": {"login": {"type": "string"}}, "required": ["login"]}
NODE = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/node"}}}
DOCUMENT = {"components": {"schemas": {"user": USER, "node": NODE}}}
REF = {"$ref": "#/components/schemas/user"}
AGED = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}


def said(schema: dict[str, Any], value: Any) -> list[str]:
    return faults(Schemas(DOCUMENT).translate(schema), value)


@pytest.mark.parametrize(
    ("schema", "value", "words"),
    [
        (REF, {}, "`login` is missing"),
        (REF, {"login": 1}, "login: 1 is not of type 'string'"),
        (REF, {"login": "ada", "age": 1}, "`age` is unknown to GitHub"),
        (REF, None, "None is not of type 'object'"),
        ({"$ref": "#/components/schemas/node"}, {"next": {"next": {"x": 1}}}, "next.next: `x` is unknown to GitHub"),
        ({"type": "array", "items": REF}, [{"login": "ada"}, {}], "[1]: `login` is missing"),
        ({"allOf": [REF, AGED]}, {"login": "ada"}, "`age` is missing"),
        ({"allOf": [REF, AGED]}, {"login": "ada", "age": 1, "x": 1}, "`x` is unknown to GitHub"),
        ({"oneOf": [{"type": "string"}, REF]}, {"login": 1}, "login: 1 is not of type 'string'"),
        ({"oneOf": [REF, AGED]}, {"login": "ada", "x": 1}, "`x` is unknown to GitHub"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"x": 1}, "x: 1 is not of type 'string'"),
        ({"type": "string", "enum": ["open"], "nullable": True}, "gone", "'gone' is not one of ['open', None]"),
        ({"type": "string", "format": "date-time"}, "yesterday", "'yesterday' is not a 'date-time'"),
        ({"type": "string", "format": "date-time"}, "2026-11-28 12:00:00", "'2026-11-28 12:00:00' is not a 'date-time'"),
        ({"type": "string", "format": "uri"}, "/pulls/1", "'/pulls/1' is not a 'uri'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(schema: dict[str, Any], value: Any, words: str) -> None:
    assert said(schema, value) == [words]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "object"}, {"anything": 1}),
        ({"type": "object", "properties": {}, "additionalProperties": True}, {"anything": 1}),
        ({**AGED, "anyOf": [{"required": ["age"]}]}, {"age": 1}),
        ({**USER, "nullable": True}, None),
        ({"allOf": [REF], "nullable": True}, None),
        ({"oneOf": [REF, AGED], "nullable": True}, None),
        ({"type": "string", "enum": ["open"], "nullable": True}, None),
        ({"nullable": True}, None),
        ({"oneOf": [{"type": "string", "nullable": True}, {"type": "integer", "nullable": True}]}, None),
        ({"type": "string", "format": "date-time"}, "2026-11-28T12:00:00.5+01:00"),
        ({"type": "string", "format": "uri"}, "http://127.0.0.1:80/pulls/1"),
    ],
)
def test_what_fits_is_taken(schema: dict[str, Any], value: Any) -> None:
    assert said(schema, value) == []


def filled(schema: dict[str, Any], value: Any, *read: str) -> Any:
    translated = Schemas(DOCUMENT).translate(schema)
    return Filler("http://hub", frozenset(read)).filled(translated, value)


def needs(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties]}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "filled"),
        ({"type": "string", "format": "uri"}, "http://hub/filled/key"),
        ({"type": "string", "format": "date-time"}, "2026-11-28T12:00:00Z"),
        ({"type": "string", "enum": ["open", "closed"]}, "open"),
        ({"type": "integer"}, 1),
        ({"type": "boolean"}, False),
        ({"type": "array", "items": REF}, []),
        ({**USER, "nullable": True}, None),
        ({}, None),
        (REF, {"login": "filled"}),
        ({"allOf": [REF, AGED]}, {"login": "filled", "age": 1}),
        ({"oneOf": [REF, AGED]}, {"login": "filled"}),
        ({"oneOf": [REF], "nullable": True}, None),
    ],
)
def test_what_is_required_is_made_up_and_fits(schema: dict[str, Any], value: Any) -> None:
    assert filled(needs(key=schema), {}) == {"key": value}
    assert said(needs(key=schema), {"key": value}) == []


def test_what_is_said_stays_and_is_not_touched() -> None:
    answered = {"user": {}, "more": [{"login": "ada"}, {}]}
    schema = needs(user=REF, more={"type": "array", "items": REF}, age={"type": "integer"})
    assert filled(schema, answered) == {
        "user": {"login": "filled"},
        "more": [{"login": "ada"}, {"login": "filled"}],
        "age": 1,
    }
    assert answered == {"user": {}, "more": [{"login": "ada"}, {}]}


def test_what_our_client_reads_is_not_made_up_where_it_could_read_it() -> None:
    assert filled(needs(user=REF, login={"type": "string"}), {}, "login") == {"user": {"login": "filled"}}
    assert filled(needs(user=REF), {"user": {}}, "login") == {"user": {}}
    assert filled(needs(user=REF), {}, "user", "login") == {}


def test_of_several_alternatives_the_one_that_is_meant_is_filled() -> None:
    file = needs(kind={"type": "string", "enum": ["file"]}, size={"type": "integer"})
    link = needs(kind={"type": "string", "enum": ["link"]}, target={"type": "string"})
    either = {"oneOf": [{"type": "array", "items": file}, file, link]}
    assert filled(either, {"kind": "link"}) == {"kind": "link", "target": "filled"}
    assert filled(either, [{"kind": "file"}]) == [{"kind": "file", "size": 1}]
    assert filled(either, {"kind": "file"}, "size") == {"kind": "file"}
