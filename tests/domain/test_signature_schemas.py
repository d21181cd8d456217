"""Which JSON Schemas a signature may hold, in which form they are kept, and which values fit them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from modelmark.domain.instances import fits, mistakes, same
from modelmark.domain.schemas import read_schema
from modelmark.errors import InvalidInput


def plain(schema: Any, **beside: Any) -> Any:
    """The plain form of a field `x` of this schema."""
    return read_schema({"type": "object", "properties": {"x": schema}, **beside}, "inputs")["properties"]["x"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ({"title": "T", "description": "d", "examples": [1], "x-unit": "ms", "$comment": "c"}, True),
        ({"type": ["string"]}, {"type": "string"}),
        ({"type": ["string", "null"]}, {"type": ["null", "string"]}),
        ({"const": {"title": "kept"}}, {"enum": [{"title": "kept"}]}),
        ({"type": "object", "additionalProperties": {}}, {"type": "object"}),
        ({"properties": {"title": {"type": "null"}}}, {"properties": {"title": {"type": "null"}}}),
        ({"$ref": "#/$defs/A"}, {"type": "string", "maxLength": 3}),
        (
            {"$ref": "#/$defs/A", "default": "b", "title": "B"},
            {"type": "string", "maxLength": 3, "default": "b"},
        ),
        (
            {"$ref": "#/$defs/A", "minLength": 1},
            {"allOf": [{"type": "string", "maxLength": 3}, {"minLength": 1}]},
        ),
        ({"allOf": [{"$ref": "#/$defs/A"}]}, {"type": "string", "maxLength": 3}),
        ({"items": {"$ref": "#/$defs/A"}}, {"items": {"type": "string", "maxLength": 3}}),
    ],
)
def test_a_schema_is_kept_in_its_plain_form(written: Any, kept: Any) -> None:
    assert plain(written, **{"$defs": {"A": {"type": "string", "maxLength": 3}}}) == kept


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "strin"}, "inputs is not a JSON Schema"),
        ({"minLength": -1}, "inputs is not a JSON Schema"),
        ({"maxLenght": 5}, "inputs.x has the keyword 'maxLenght'"),
        ({"$ref": "https://example.com/a.json"}, "inputs.x refers to 'https://example.com/a.json'"),
        ({"$ref": "file:///etc/passwd"}, "inputs.x refers to"),
        ({"$ref": "#/$defs/B"}, "inputs.x refers to '#/$defs/B'"),
        ({"$ref": "#/properties/x"}, "inputs.x refers to"),
        ({"$ref": "#/$defs/Loop"}, "refers to '#/$defs/Loop' in a circle"),
        ({"$dynamicRef": "#a"}, "inputs.x has the keyword '$dynamicRef'"),
        ({"$id": "https://example.com/"}, "inputs.x has the keyword '$id'"),
        ({"patternProperties": {"(a+)+$": True}}, "inputs.x has the keyword 'patternProperties'"),
        ({"unevaluatedProperties": False}, "inputs.x has the keyword 'unevaluatedProperties'"),
        ({"not": {"items": {"pattern": "a"}}}, "inputs.x.not.items has a pattern under"),
        ({"type": "integer", "default": "a"}, 'the default of inputs.x is not what it may be: is "a"'),
        ({"enum": [float("inf")]}, "inputs holds a number that JSON does not have: inf"),
        ({"enum": list(range(2001))}, "inputs is too big"),
        ({"properties": {"n" * 129: True}}, "inputs has a name of 129 characters"),
        ({"$ref": "#/$defs/L0"}, "is too big"),
        ({"$ref": "#/$defs/D0"}, "is too big"),
    ],
)
def test_what_a_signature_may_not_hold_is_refused_by_name(schema: Any, message: str) -> None:
    definitions: dict[str, Any] = {"Loop": {"items": {"$ref": "#/$defs/Loop"}}, "L12": {"type": "string"}}
    definitions |= {
        f"L{n}": {"allOf": [{"$ref": f"#/$defs/L{n + 1}"}] * 4} for n in range(12)
    }  # 4 to the 12th
    definitions |= {f"D{n}": {"items": {"$ref": f"#/$defs/D{n + 1}"}} for n in range(100)} | {"D100": True}
    with pytest.raises(InvalidInput) as refusal:
        plain(schema, **{"$defs": definitions})
    assert message in refusal.value.message
    assert refusal.value.hint


def test_depth_is_bounded_before_anything_walks_it() -> None:
    deep: Any = True
    for _ in range(10_000):
        deep = {"items": deep}
    with pytest.raises(InvalidInput, match="too big"):
        plain(deep)


def test_another_dialect_is_refused() -> None:
    with pytest.raises(InvalidInput, match="another dialect"):
        read_schema({"type": "object", "$schema": "http://json-schema.org/draft-07/schema#"}, "inputs")


def test_a_pattern_is_kept_and_never_evaluated() -> None:
    schema = plain({"type": "string", "pattern": "^(a+)+$"})
    begin = time.monotonic()
    assert fits(schema, "a" * 60 + "!")  # takes longer than the universe where it is evaluated
    assert time.monotonic() - begin < 1
    assert schema["pattern"] == "^(a+)+$"


def test_a_pattern_need_not_be_a_regular_expression_of_python() -> None:
    assert plain({"type": "string", "pattern": r"^\p{L}+$"})["type"] == "string"


@pytest.mark.parametrize(
    ("schema", "value", "why"),
    [
        ({"type": "string"}, 5, "is 5, and must be of type string"),
        ({"type": ["null", "string"]}, 5, "is 5, and must be of type null or string"),
        ({"maxLength": 2}, "abc", 'is "abc", which breaks maxLength: 2'),
        ({"required": ["a", "b"]}, {"a": 1}, "has no b, which is required"),
        ({"additionalProperties": False}, {"a\n": 1}, r"has 'a\n', which it may not have"),
        (
            {"properties": {"s": {"items": {"properties": {"n": {"type": "null"}}}}}},
            {"s": [{"n": 0}]},
            "s[0].n is 0, and must be of type null",
        ),
        ({"properties": {"a": False}}, {"a": 1}, "1 stands where nothing may"),
        ({"enum": ["a"]}, "\x1b" + "b" * 200, f'is "\\u001b{"b" * 73}…, which breaks enum: ["a"]'),
    ],
)
def test_a_value_that_does_not_fit_says_where_and_why(schema: Any, value: Any, why: str) -> None:
    assert list(mistakes(schema, value)) == [why]
    assert not fits(schema, value)


def test_at_most_five_mistakes_are_told() -> None:
    assert len(list(mistakes({"items": {"type": "null"}}, list(range(100))))) == 5


@pytest.mark.parametrize(
    ("values", "unique"),
    [
        ([1, True], True),
        ([1, 1.0], False),
        ([{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}], False),
        ([[0], [False]], True),
    ],
)
def test_entries_are_unique_as_json_says(values: list[Any], unique: bool) -> None:
    assert fits({"uniqueItems": True}, values) is unique
    assert same(values[0], values[1]) is not unique


def test_many_entries_are_compared_in_linear_time() -> None:
    begin = time.monotonic()
    assert fits({"uniqueItems": True}, [{"n": n} for n in range(20_000)])
    assert time.monotonic() - begin < 5  # the library alone takes minutes: it compares each with each
