"""A signature is read with its examples, or refused with the key that is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from modelmark.domain.signature import MAX_EXAMPLES, Example, parse_signature
from modelmark.errors import InvalidInput

GOOD: dict[str, Any] = {"version": "1.0", "inputs": {"text": "string"}, "outputs": {"label": "string"}}


def test_a_signature_in_the_short_form_expands() -> None:
    found = parse_signature(GOOD)
    assert found.version == "1.0"
    assert found.inputs == {
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
        "additionalProperties": False,
    }
    assert found.outputs == {
        "type": "object",
        "properties": {"label": {"type": "string"}},
        "required": ["label"],
    }
    assert (found.examples, found.entry_point) == ((), "")


def test_one_side_may_be_short_and_the_other_a_json_schema() -> None:
    found = parse_signature({**GOOD, "outputs": {"type": "object", "properties": {"label": {"const": "a"}}}})
    assert found.outputs == {"type": "object", "properties": {"label": {"enum": ["a"]}}}


def test_examples_and_schemas_that_are_big_together_are_refused() -> None:
    inputs = {"type": "object", "properties": {"x": {"items": {"allOf": [{"type": "null"}] * 900}}}}
    signature: dict[str, Any] = {**GOOD, "inputs": inputs}
    assert parse_signature({**signature, "examples": [{"request": {"x": [None] * 100}}]}).examples
    with pytest.raises(InvalidInput, match="too big for such schemas"):
        parse_signature({**signature, "examples": [{"request": {"x": [None] * 9000}}]})


def test_examples_and_an_entry_point_are_kept() -> None:
    examples: Any = [{"request": {"text": "a"}, "response": None}, {"request": {"text": "b"}}]
    found = parse_signature({**GOOD, "examples": examples, "entry_point": "pkg.predict:run"})
    assert found.examples == (Example({"text": "a"}, None, answered=True), Example({"text": "b"}))
    assert found.entry_point == "pkg.predict:run"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input": {}}, "the signature has an unknown key 'input'"),
        ({"version": 1.0}, "the signature's version is '1.0'"),
        ({"version": "1.0.0.0"}, "the signature's version is '1.0.0.0'"),
        ({"inputs": "text"}, "inputs must be a mapping of fields"),
        ({"inputs": {"text": ["string"]}}, "inputs.text must be a short text such as string or int<=256"),
        ({"outputs": {"properties": {}}}, "outputs must be a JSON Schema of an object"),
        ({"entry_point": "predict"}, "the signature's entry_point is 'predict'"),
        ({"examples": {}}, f"examples must be a list of at most {MAX_EXAMPLES}"),
        ({"examples": [{"request": {}}] * 51}, f"examples must be a list of at most {MAX_EXAMPLES}"),
        ({"examples": [{"request": {}}, {"response": {}}]}, "example 2 is not one"),
        ({"examples": [{"request": {}, "reply": {}}]}, "example 1 is not one"),
        (
            {"examples": [{"request": [0] * 10_000}]},
            "the list of examples is too big: at most 10,000 values, nested at most 32 deep",
        ),
        (
            {"examples": [{"request": float("nan")}]},
            "the list of examples holds a number that JSON does not have: nan",
        ),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_signature({**GOOD, **change})
    assert refusal.value.message == message
    assert refusal.value.hint


@pytest.mark.parametrize("key", ["version", "inputs", "outputs"])
def test_a_signature_needs_its_three_keys(key: str) -> None:
    with pytest.raises(InvalidInput, match=f"the signature has no {key}"):
        parse_signature({name: value for name, value in GOOD.items() if name != key})
