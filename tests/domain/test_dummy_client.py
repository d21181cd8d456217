"""A client that knows a signature alone makes up requests that the signature allows."""

from __future__ import annotations

import pytest

from modelmark.domain.dummy_client import requests_of
from modelmark.domain.instances import fits
from modelmark.domain.json_values import Json
from modelmark.domain.signature import parse_signature


def made(inputs: Json, examples: list[Json] | None = None) -> list[Json]:
    signature = parse_signature(
        {"version": "1.0", "inputs": inputs, "outputs": {"label": "string"}, "examples": examples or []}
    )
    calls = list(requests_of(signature))
    assert all(fits(signature.inputs, call.request) for call in calls)
    return [call.request for call in calls]


def test_the_required_inputs_alone_and_all_inputs_with_switches_on() -> None:
    assert made({"text": "string", "explain?": "boolean=false", "max_len?": "int<=256"}) == [
        {"text": "text"},
        {"text": "text", "explain": True, "max_len": 0},
    ]


def test_a_request_is_made_up_once_and_not_beside_an_equal_example() -> None:
    assert made({"text": "string"}) == [{"text": "text"}]
    assert made({"text": "string"}, [{"request": {"text": "text"}}]) == [{"text": "text"}]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "integer", "exclusiveMaximum": -3}, -4),
        ({"type": "integer", "exclusiveMinimum": 7, "multipleOf": 5}, 10),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ({"type": "number", "default": 0.3}, 0.3),
        ({"type": "string", "minLength": 7}, "text te"),
        ({"type": "string", "maxLength": 2}, "te"),
        ({"enum": ["de", "en"]}, "de"),
        ({"type": ["null", "string"]}, None),
        ({"type": "array", "items": {"type": "number"}, "minItems": 2}, [0, 0]),
        ({"type": "array", "items": {"type": "string"}}, ["text"]),
        ({"type": "array", "maxItems": 0}, []),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, 0),
        ({"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]}, {"a": False}),
    ],
)
def test_a_value_is_the_smallest_that_its_schema_allows(schema: Json, value: Json) -> None:
    first = made({"type": "object", "properties": {"x": schema}, "required": ["x"]})[0]
    assert first == {"x": value}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^[A-Z]{3}$"},
        {"type": "string", "format": "date"},
        {"type": "string", "minLength": 100_000},
        {"type": "array", "minItems": 100_000},
        {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"type": "string"}},
    ],
)
def test_what_nobody_can_make_up_is_left_to_the_examples(schema: Json) -> None:
    inputs: Json = {
        "type": "object",
        "properties": {"x": schema, "y": {"type": "integer"}},
        "required": ["x"],
    }
    assert made(inputs) == []
    optional: Json = {"type": "object", "properties": {"x": schema, "y": {"type": "integer"}}}
    assert {} in made(optional)
