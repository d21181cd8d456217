"""The short form: every type, limit and default, and what is no field."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.short_form import expand, is_short
from modelmark.errors import InvalidInput

FIELDS: dict[str, Any] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "int": {"type": "integer"},
    "number": {"type": "number"},
    "float": {"type": "number"},
    "boolean": {"type": "boolean"},
    "bool": {"type": "boolean"},
    "object": {"type": "object"},
    "array": {"type": "array"},
    "null": {"type": "null"},
    "any": {},
    "any[]": {"type": "array", "items": {}},
    "number[][]": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
    "int<=256": {"type": "integer", "maximum": 256},
    "int>-2": {"type": "integer", "exclusiveMinimum": -2},
    "number>=0<=1": {"type": "number", "minimum": 0, "maximum": 1},
    "number<0.5": {"type": "number", "exclusiveMaximum": 0.5},
    "string<=4096": {"type": "string", "maxLength": 4096},
    "string>0<5": {"type": "string", "minLength": 1, "maxLength": 4},
    "array<=3": {"type": "array", "maxItems": 3},
    "number[]>=2<=2": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    "string<=64[]<=8": {"type": "array", "items": {"type": "string", "maxLength": 64}, "maxItems": 8},
    "string|null": {"type": ["string", "null"]},
    "string | string[]": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    "positive|negative": {"enum": ["positive", "negative"]},
    "very good | bad": {"enum": ["very good", "bad"]},
}
DEFAULTS: dict[str, Any] = {
    "boolean=false": False,
    "int<=256=128": 128,
    "number=0.5": 0.5,
    "string=en": "en",
    "string=": "",
    "string=5": "5",
    "string=a<=b=c": "a<=b=c",
    "string|null=null": None,
    "a|b=b": "b",
    "1|2=2": "2",
    "int[]=[1, 2]": [1, 2],
    'any={"a": 1}': {"a": 1},
}


@pytest.mark.parametrize("spec", FIELDS)
def test_a_field_expands(spec: str) -> None:
    assert expand({"x": spec}, "outputs", closed=False) == {
        "type": "object",
        "properties": {"x": FIELDS[spec]},
        "required": ["x"],
    }


@pytest.mark.parametrize("spec", DEFAULTS)
def test_a_default_is_json_where_that_fits_and_else_the_text(spec: str) -> None:
    made: Any = expand({"x?": spec}, "inputs", closed=True)
    assert made["properties"]["x"]["default"] == DEFAULTS[spec]
    assert type(made["properties"]["x"]["default"]) is type(DEFAULTS[spec])
    assert made["required"] == []
    assert made["additionalProperties"] is False


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"x": "strin"}, "inputs.x is 'strin', which is no type"),
        ({"x": ""}, "inputs.x is '', which is no type"),
        ({"x": "String"}, "inputs.x is 'String', which is no type"),
        ({"x": "string|good"}, "inputs.x is 'good', which is no type"),
        ({"x": 'a|"b"'}, "inputs.x is 'a', which is no type"),
        ({"x": "int<=a"}, "inputs.x is 'int<=a', which is no type"),
        ({"x": "int<=1<=2"}, "inputs.x has two limits <="),
        ({"x": "bool<=1"}, "inputs.x has a limit, and only numbers, texts and arrays have one"),
        ({"x": "string<=1.5"}, "inputs.x is limited to 1.5, which is no count"),
        ({"x": "string<=-1"}, "inputs.x is limited to -1, which is no count"),
        ({"x": "string<0"}, "inputs.x cannot have fewer than 0"),
        ({"x": "boolean=false"}, "inputs.x has a default and is required"),
        ({"x?": "boolean=no"}, "inputs.x has the default 'no', which it may not be"),
        ({"x?": "int<=5=6"}, "inputs.x has the default '6', which it may not be"),
        ({"x": "int", "x?": "int"}, "inputs has x twice, with `?` and without"),
        ({"a b": "int"}, "inputs has a field 'a b', which is no name in the short form"),
        ({"x??": "int"}, "inputs has a field 'x??', which is no name in the short form"),
        ({"x": {"type": "string"}}, "inputs.x must be a short text such as string or int<=256"),
        ({"x": "s" * 2001}, "inputs.x must be a short text such as string or int<=256"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_field(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        expand(fields, "inputs", closed=True)
    assert refusal.value.message == message
    assert refusal.value.hint


def test_a_field_called_type_is_a_field_unless_it_says_object() -> None:
    assert is_short({"type": "string", "text": "string"})
    assert not is_short({"type": "object"})
    assert not is_short({"properties": {"a": True}})
    assert is_short({"properties": "any"})


@given(st.text(alphabet="intsrg<>=[]|0159-. ?\x00é", max_size=30))
def test_any_text_is_a_field_or_refused(spec: str) -> None:
    with suppress(InvalidInput):
        made = expand({"x?": spec}, "inputs", closed=True)
        assert set(made) == {"type", "properties", "required", "additionalProperties"}
