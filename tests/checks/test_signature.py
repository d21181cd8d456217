"""A version's signature is there where it must be, well formed, and kept by its own examples."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from modelmark.checks.signature import CHECK, check
from modelmark.domain.change import Candidate
from modelmark.domain.policy import Card
from tests.support.candidates import MANIFEST, asking, found, hints, manifest
from tests.support.domain import MODEL

GOOD: dict[str, Any] = {
    "version": "1.0",
    "inputs": {"text": "string<=10", "explain?": "boolean=false"},
    "outputs": {"label": "pos|neg", "score": "number>=0<=1"},
    "examples": [
        {"request": {"text": "good"}, "response": {"label": "pos", "score": 0.9}},
        {"request": {"text": "bad", "explain": True}},
    ],
}


def with_signature(signature: Any) -> Candidate:
    return asking("signature", made=replace(manifest(), signature=signature))


def by_profile(profile: str | None) -> Candidate:
    return replace(with_signature(None), cards={MODEL: Card(MODEL, profile=profile)})


def test_a_signature_that_its_examples_keep_passes_with_its_figures() -> None:
    assert found(check, with_signature(GOOD)) == [
        f"note {MANIFEST}:0 signature 1.0: 2 inputs, 2 outputs; 2 examples keep it"
    ]


def test_without_examples_it_says_that_none_was_tried() -> None:
    bare = {key: value for key, value in GOOD.items() if key != "examples"}
    assert found(check, with_signature(bare)) == [
        f"note {MANIFEST}:0 signature 1.0: 2 inputs, 2 outputs; it has no examples to try"
    ]


def test_each_example_that_does_not_fit_is_named_with_field_and_reason() -> None:
    examples = [
        {"request": {"text": 5}, "response": {"label": "pos", "score": 0.9}},
        {"request": {"txt": "good"}},
        {"request": {"text": "good"}, "response": {"label": "happy", "score": 2}},
        {"request": {"text": "good"}, "response": None},
    ]
    assert found(check, with_signature({**GOOD, "examples": examples})) == [
        f"error {MANIFEST}:0 the {words}"
        for words in (
            "request of example 1 is not what the signature says: text is 5, and must be of type string",
            "request of example 2 is not what the signature says: has no text, which is required",
            "request of example 2 is not what the signature says: has txt, which it may not have",
            "response of example 3 is not what the signature says: label is \"happy\", which breaks enum: [\"pos\", \"neg\"]",
            "response of example 3 is not what the signature says: score is 2, which breaks maximum: 1",
            "response of example 4 is not what the signature says: is null, and must be of type object",
        )
    ]  # fmt: skip


def test_a_malformed_signature_is_refused_with_the_mend() -> None:
    value = with_signature({**GOOD, "inputs": {"text": "strin"}})
    assert found(check, value) == [f"error {MANIFEST}:0 inputs.text is 'strin', which is no type"]
    assert hints(check, value)[0].endswith("; mend signature.json and register again")


def test_a_signature_that_promises_nothing_is_not_one() -> None:
    assert found(check, with_signature({})) == [f"error {MANIFEST}:0 the signature has no version"]


def test_inputs_that_take_any_field_are_warned_about() -> None:
    value = with_signature({**GOOD, "inputs": {"type": "object", "properties": {"text": {"type": "string"}}}})
    assert found(check, value)[0] == (
        f"warning {MANIFEST}:0 inputs take any further field, so no input can be added later without breaking a client"
        " that sends one of that name already"
    )
    assert hints(check, value)[0] == "write `additionalProperties: false` in inputs"


def test_a_profile_may_require_a_signature() -> None:
    assert found(check, by_profile("full")) == [
        f"error {MANIFEST}:0 nlp-sentiment@1 has no signature, and the profile full requires one: no client can know what"
        " to send"
    ]


@pytest.mark.parametrize("profile", ["generic", None, "unknown"])
def test_where_none_is_required_its_absence_is_a_note(profile: str | None) -> None:
    assert found(check, by_profile(profile)) == [
        f"note {MANIFEST}:0 nlp-sentiment@1 has no signature, so it promises nothing to its clients"
    ]


def test_a_gate_that_does_not_ask_gets_no_finding() -> None:
    assert found(check, asking("scan", made=replace(manifest(), signature={}))) == []


def test_its_example_is_what_it_says_and_nobody_can_waive_it() -> None:
    signature = {**GOOD, "examples": [GOOD["examples"][0], {"request": {"text": 5}}]}
    assert CHECK.example in [one.message for one in check(with_signature(signature))]
    assert not CHECK.waivable
    assert all(not one.about for one in check(with_signature(signature)))
