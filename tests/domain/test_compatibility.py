"""Each rule by which a new signature breaks a client of the old one, by an example."""

from __future__ import annotations

from typing import Any

import pytest

from modelmark.domain import compatibility
from modelmark.domain.compatibility import describe_difference
from modelmark.errors import InvalidInput
from tests.support.differences import TEXT, an_object, changes, one, said

INPUTS_THAT_BREAK: dict[str, tuple[Any, Any, str]] = {
    "newly required": (
        {**TEXT, "lang?": "string"},
        {**TEXT, "lang": "string"},
        "inputs.lang: a client that sends no lang is refused now: it became required",
    ),
    "a new one that is required": (
        TEXT,
        {**TEXT, "lang": "string"},
        "inputs.lang: a client that sends no lang is refused now: it became required",
    ),
    "removed": (
        {**TEXT, "lang?": "string"},
        TEXT,
        "inputs.lang: a client that sends lang is refused now or no longer heard: the input was removed",
    ),
    "removed, though any field is taken": (
        an_object(text={"type": "string"}),
        an_object(),
        "inputs.text: a client that sends text is refused now or no longer heard: the input was removed",
    ),
    "removed from an object of one branch": (
        one({"anyOf": [an_object(closed=True, a=True), {"type": "null"}]}),
        one({"anyOf": [an_object(closed=True), {"type": "null"}]}),
        "inputs.x.a: a client that sends x.a is refused now or no longer heard: the input was removed",
    ),
    "retyped": (
        TEXT,
        {"text": "int"},
        "inputs.text: a client that sends text as string is refused now: it must be integer",
    ),
    "number to integer": (
        {"n": "number"},
        {"n": "int"},
        "inputs.n: a client that sends n as number is refused now: it must be integer",
    ),
    "one type of two is gone": (
        {"n": "string|null"},
        {"n": "string"},
        "inputs.n: a client that sends n as null is refused now: it must be string",
    ),
    "a branch is gone": (
        {"n": "string|string[]"},
        {"n": "string"},
        "inputs.n: a client that sends n as array is refused now: it must be string",
    ),
    "fewer words": (
        {"m": "fast|good|best"},
        {"m": "fast|good"},
        'inputs.m: a client that sends "best" as m is refused now: it must be "fast" or "good"',
    ),
    "any text to some words": (
        {"m": "string"},
        {"m": "fast|good"},
        'inputs.m: a client that sends any other m than "fast" or "good" is refused now: it could be string',
    ),
    "true is not 1": (
        one({"enum": [True]}),
        one({"enum": [1]}),
        "inputs.x: a client that sends true as x is refused now: it must be 1",
    ),
    "shorter": (
        {"text": "string<=100"},
        {"text": "string<=10"},
        "inputs.text: a client that keeps to the old limits of text (at most 100 characters) is refused now where it is"
        " not at most 10 characters",
    ),
    "a tighter number": (
        {"n": "number>=0<=1"},
        {"n": "number>0<=1"},
        "inputs.n: a client that keeps to the old limits of n (at least 0 and at most 1) is refused now where it is not"
        " more than 0 and at most 1",
    ),
    "more entries": (
        {"v": "number[]"},
        {"v": "number[]>=3"},
        "inputs.v: a client that keeps to the old limits of v (any number of entries) is refused now where it is not at"
        " least 3 entries",
    ),
    "other entries": (
        {"v": "number[][]"},
        {"v": "int[][]"},
        "inputs.v[][]: a client that sends v[][] as number is refused now: it must be integer",
    ),
    "closed": (
        an_object(x=True),
        an_object(closed=True, x=True),
        "inputs.*: a client that sends any further field is refused now: anything was taken, and now nothing is",
    ),
    "a name that was free": (
        an_object(),
        an_object(lang={"type": "string"}),
        "inputs.lang: a client may send a lang of its own, because any further field was taken; it must be string now",
    ),
    "a field inside": (
        one(an_object(closed=True, y={"type": "string"})),
        one(an_object(closed=True, required=("y",), y={"type": "string"})),
        "inputs.x.y: a client that sends no x.y is refused now: it became required",
    ),
    "a pattern": (
        one({"type": "string"}),
        one({"type": "string", "pattern": "^a"}),
        "inputs.x: it cannot be shown that x is compatible: its pattern is not what it was",
    ),
    "a pattern on known words": (
        one({"enum": ["a", "b"]}),
        one({"type": "string", "pattern": "^a"}),
        "inputs.x: it cannot be shown that x is compatible: its pattern is not what it was",
    ),
    "another multiple": (
        one({"type": "integer", "multipleOf": 2}),
        one({"type": "integer", "multipleOf": 4}),
        "inputs.x: it cannot be shown that x is compatible: its multipleOf is not what it was",
    ),
    "only once": (
        one({"type": "array"}),
        one({"type": "array", "uniqueItems": True}),
        "inputs.x: it cannot be shown that x is compatible: its uniqueItems is not what it was",
    ),
    "a branch that cannot be told": (
        one({"type": "string"}),
        one({"anyOf": [{"type": "string", "maxLength": 3}, {"type": "string", "minLength": 3}]}),
        "inputs.x: it cannot be shown that x is compatible: its anyOf is not what it was",
    ),
}

OUTPUTS_THAT_BREAK: dict[str, tuple[Any, Any, str]] = {
    "removed": (
        {"score": "number", "label": "string"},
        {"label": "string"},
        "outputs.score: a client that reads score finds none now: the output was removed",
    ),
    "removed, an optional one of any type": (
        {"why?": "any"},
        {},
        "outputs.why: a client that reads why finds none now: the output was removed",
    ),
    "removed from each further field": (
        {"type": "object", "additionalProperties": an_object(a={"type": "null"})},
        {"type": "object", "additionalProperties": an_object()},
        "outputs.*.a: a client that reads *.a finds none now: the output was removed",
    ),
    "optional": (
        {"score": "number"},
        {"score?": "number"},
        "outputs.score: a client that reads score may find none now: it became optional",
    ),
    "integer to number": (
        {"n": "int"},
        {"n": "number"},
        "outputs.n: a client that reads n as integer may get number now",
    ),
    "retyped": (
        {"n": "string"},
        {"n": "string[]"},
        "outputs.n: a client that reads n as string may get array now",
    ),
    "a new word": (
        {"label": "pos|neg"},
        {"label": "pos|neg|mixed"},
        'outputs.label: a client that knows label as "pos" or "neg" may get "mixed" now',
    ),
    "any word": (
        {"label": "pos|neg"},
        {"label": "string"},
        'outputs.label: a client that knows label as "pos" or "neg" may get any other now: it is string',
    ),
    "a looser limit": (
        {"score": "number>=0<=1"},
        {"score": "number>=0"},
        "outputs.score: a client that relies on the old limits of score (at least 0 and at most 1) may get others now (at"
        " least 0)",
    ),
    "a new one where none was to come": (
        an_object(closed=True, a={"type": "string"}),
        an_object(closed=True, a={"type": "string"}, b={"type": "string"}),
        "outputs.b: a client that refuses what it does not know breaks on the new b: no further field was to come",
    ),
    "opened": (
        an_object(closed=True),
        an_object(),
        "outputs.*: a client that relies on any further field being nothing may get anything now",
    ),
}


@pytest.mark.parametrize("case", INPUTS_THAT_BREAK)
def test_a_change_of_inputs_that_refuses_an_old_request_breaks(case: str) -> None:
    old, new, sentence = INPUTS_THAT_BREAK[case]
    assert [line for line in said("inputs", old, new) if line.startswith("!")] == [f"! {sentence}"]


@pytest.mark.parametrize("case", OUTPUTS_THAT_BREAK)
def test_a_change_of_outputs_that_surprises_an_old_client_breaks(case: str) -> None:
    old, new, sentence = OUTPUTS_THAT_BREAK[case]
    assert [line for line in said("outputs", old, new) if line.startswith("!")] == [f"! {sentence}"]


def test_a_signature_is_compatible_with_itself() -> None:
    assert said("inputs", TEXT, TEXT) == []


def test_those_that_break_come_first() -> None:
    assert [one.breaks for one in changes("inputs", {"a?": "int"}, {"a?": "number", "b": "int"})] == [
        True,
        False,
        False,
    ]


def test_hostile_names_and_values_are_quoted() -> None:
    name = "a\n::error::\x1b[31m"
    found = changes(
        "inputs",
        one({**an_object(closed=True), "properties": {name: {"enum": ["\x1b"]}}}),
        one(an_object(closed=True)),
    )
    assert all("\n" not in one.sentence + one.path and "\x1b" not in one.sentence + one.path for one in found)
    assert found[0].breaks


def test_every_kind_of_gap_has_its_words_in_every_direction() -> None:
    gaps = {"type", "values", "enum", "limit", "required", "closed", "unlisted", "taken", "unsure"}
    for words in (compatibility._INPUT_OPENS, compatibility._OUTPUT_OPENS):
        assert set(words) == gaps
    for words in (compatibility._INPUT_BREAKS, compatibility._OUTPUT_BREAKS):
        assert set(words) == gaps | {"removed"}


def test_what_is_no_signature_is_not_compared() -> None:
    with pytest.raises(InvalidInput, match="no inputs"):
        describe_difference(
            {"version": "1.0", "outputs": {}}, {"version": "1.0", "inputs": {}, "outputs": {}}
        )
