"""Each change of a signature that breaks nobody, by an example, with what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.differences import TEXT, an_object, one, said

HARMLESS: dict[str, tuple[str, Any, Any, list[str]]] = {
    "an optional input": (
        "inputs",
        TEXT,
        {**TEXT, "explain?": "boolean=false"},
        ["inputs.explain: explain may be sent now: boolean"],
    ),
    "an input that may be left out": (
        "inputs",
        TEXT,
        {"text?": "string"},
        ["inputs.text: text may be left out now"],
    ),
    "an input of more types": (
        "inputs",
        {"n": "int"},
        {"n": "number"},
        ["inputs.n: n may also be number now"],
    ),
    "more words": (
        "inputs",
        {"m": "a|b"},
        {"m": "a|b|c"},
        ['inputs.m: m may also be "c" now'],
    ),
    "words to any text": (
        "inputs",
        {"m": "a|b"},
        {"m": "string"},
        ['inputs.m: m may be string now, and was "a" or "b"'],
    ),
    "a longer text": (
        "inputs",
        {"text": "string<=10"},
        {"text": "string<=20"},
        ["inputs.text: text has wider limits now: at most 20 characters, and had at most 10 characters"],
    ),
    "an opened object": (
        "inputs",
        an_object(closed=True),
        an_object(),
        ["inputs.*: any further field may be sent now: anything"],
    ),
    "an output that is new": (
        "outputs",
        {"label": "string"},
        {"label": "string", "why?": "string"},
        ["outputs.why: why is new: string"],
    ),
    "an output that is always there": (
        "outputs",
        {"why?": "string"},
        {"why": "string"},
        ["outputs.why: why is always there now"],
    ),
    "number to integer": (
        "outputs",
        {"n": "number"},
        {"n": "int"},
        ["outputs.n: n is never number now, only integer"],
    ),
    "fewer labels": (
        "outputs",
        {"label": "a|b|c"},
        {"label": "a|b"},
        ['outputs.label: label is never "c" now'],
    ),
    "another default": (
        "inputs",
        {"k?": "int=3"},
        {"k?": "int=4"},
        ["inputs.k: the model takes 4 where k is left out, and was 3"],
    ),
    "a default that went": (
        "inputs",
        {"k?": "int=3"},
        {"k?": "int"},
        ["inputs.k: the model takes no default where k is left out, and was 3"],
    ),
    "the same in other words": (
        "inputs",
        {"text": "string<=5", "k?": "a|b"},
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "$defs": {"K": {"enum": ["a", "b"], "description": "which"}},
            "properties": {"k": {"$ref": "#/$defs/K"}, "text": {"maxLength": 5, "type": ["string"]}},
            "required": ["text"],
            "additionalProperties": False,
        },
        [],
    ),
    "what is not understood stays": (
        "inputs",
        one({"not": {"enum": [1]}, "allOf": [{"minimum": 1}, {"maximum": 4}], "type": "number"}),
        one({"not": {"enum": [1]}, "allOf": [{"minimum": 1}, {"maximum": 4}], "type": ["number", "null"]}),
        ["inputs.x: x may also be null now"],
    ),
    "a smaller divisor": (
        "inputs",
        one({"type": "integer", "multipleOf": 6}),
        one({"type": "integer", "multipleOf": 3}),
        ["inputs.x: x has another multipleOf"],
    ),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_a_change_that_breaks_nobody_is_told_without_alarm(case: str) -> None:
    section, old, new, sentences = HARMLESS[case]
    assert said(section, old, new) == sentences
