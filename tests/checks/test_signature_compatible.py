"""Clients of what an alias means now can go on as they are, or the finding says which of them cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from modelmark.checks.signature_compatible import CHECK, check
from modelmark.domain.change import Candidate
from modelmark.domain.policy import Card, Waiver
from modelmark.domain.waivers import excuse
from tests.support.candidates import MANIFEST, asking, found, hints, manifest
from tests.support.domain import MODEL

NOW: dict[str, Any] = {
    "version": "1.0",
    "inputs": {"text": "string", "lang?": "string=en"},
    "outputs": {"label": "string", "score": "number"},
}


def against(old: Any, new: Any) -> Candidate:
    """Version 2 with the new signature, where the alias means version 1 with the old one."""
    made, current = (replace(manifest(text=text), signature=said) for text, said in (("2", new), ("1", old)))
    one = asking("signature-compatible", made=made, current=current)
    return replace(one, subjects=(replace(one.subjects[0], path=MANIFEST),))


def change(section: str, **fields: str) -> Candidate:
    return against(NOW, {**NOW, "version": "2.0", section: fields})


def test_the_same_signature_passes() -> None:
    assert found(check, against(NOW, NOW)) == [
        f"note {MANIFEST}:0 the signature, against that of nlp-sentiment@1, breaks no client (differences: 0)"
    ]


def test_additions_pass_and_are_told() -> None:
    value = change("inputs", **NOW["inputs"], **{"explain?": "boolean=false"})
    assert found(check, value) == [
        f"note {MANIFEST}:0 inputs.explain: explain may be sent now: boolean",
        f"note {MANIFEST}:0 the signature, against that of nlp-sentiment@1, breaks no client (differences: 1)",
    ]


def test_a_client_that_breaks_is_named_with_the_way_out() -> None:
    value = change("inputs", text="string", lang="string")
    assert found(check, value)[0] == (
        f"error {MANIFEST}:0 inputs.lang: a client that sends no lang is refused now: it became required"
    )
    assert CHECK.example in [one.message for one in check(value)]
    assert "keep the old promise beside the new one" in hints(check, value)[0]
    assert "give the model another name" in hints(check, value)[0]
    assert not any("breaks no client" in line for line in found(check, value))


def test_a_removed_output_is_named() -> None:
    assert found(check, change("outputs", label="string")) == [
        f"error {MANIFEST}:0 outputs.score: a client that reads score finds none now: the output was removed"
    ]


def test_another_default_is_a_warning() -> None:
    value = change("inputs", **{"text": "string", "lang?": "string=de"})
    assert found(check, value)[0] == (
        f'warning {MANIFEST}:0 inputs.lang: the model takes "de" where lang is left out, and was "en"'
    )


def test_what_cannot_be_shown_is_refused_with_its_own_hint() -> None:
    sides = (
        {"type": "object", "properties": {"text": {"type": "string", **more}}}
        for more in ({}, {"pattern": "^a"})
    )
    value = against(*({**NOW, "inputs": side} for side in sides))
    assert "it cannot be shown that text is compatible" in found(check, value)[0]
    assert hints(check, value)[0].startswith("write it with properties, type, enum and limits")


def test_a_signature_that_changed_without_a_new_version_is_warned_about() -> None:
    value = against(NOW, {**NOW, "outputs": {**NOW["outputs"], "why?": "string"}})
    assert (
        f"warning {MANIFEST}:0 the signature changed and still calls itself 1.0, as that of nlp-sentiment@1"
        in found(check, value)
    )
    assert any("the first number where clients break" in hint for hint in hints(check, value))


def test_without_a_current_version_there_is_nothing_to_compare_with() -> None:
    value = asking("signature-compatible", made=replace(manifest(), signature=NOW))
    assert found(check, value) == [f"note {MANIFEST}:0 nothing to compare with: no version is there now"]


def test_a_current_version_without_a_signature_promised_nothing() -> None:
    assert found(check, against(None, NOW)) == [
        f"note {MANIFEST}:0 nothing to compare with: nlp-sentiment@1 has no signature"
    ]


def test_a_signature_that_is_gone_breaks_everybody() -> None:
    assert found(check, against(NOW, None)) == [
        f"error {MANIFEST}:0 nlp-sentiment@2 has no signature, and nlp-sentiment@1 has one: its clients are promised"
        " nothing now"
    ]


def test_a_signature_that_cannot_be_read_is_never_compatible() -> None:
    for old, new in ((NOW, {**NOW, "inputs": {"text": "strin"}}), ({**NOW, "inputs": 5}, NOW)):
        lines = found(check, against(old, new))
        assert len(lines) == 1
        assert lines[0].startswith(
            f"error {MANIFEST}:0 the signature cannot be compared with that of nlp-sentiment@1: "
        )


def test_a_waiver_names_the_path_and_the_kind_and_excuses_only_that() -> None:
    value = change("inputs", text="integer", lang="integer")
    waiver = Waiver(CHECK.rule, "inputs.lang: required", "no client sends none", "ana", date(2030, 1, 1))
    cards = {MODEL: Card(MODEL, waivers=(waiver,))}
    excused = list(excuse(check(value), cards, {CHECK.rule}, date(2029, 1, 1)))
    assert CHECK.waivable
    assert {one.about: str(one.level) for one in excused if one.about} == {
        "inputs.lang: required": "warning",
        "inputs.lang: type": "error",
        "inputs.text: type": "error",
    }


def test_a_gate_that_does_not_ask_gets_no_finding() -> None:
    one = asking("scan", made=replace(manifest(), signature={}), current=replace(manifest(), signature=NOW))
    assert found(check, one) == []
