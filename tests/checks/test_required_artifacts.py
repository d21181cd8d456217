"""A version has what the profile of its model requires."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelmark.checks.required_artifacts import check
from modelmark.domain.change import Candidate
from modelmark.domain.manifest import Lineage, Manifest
from modelmark.domain.policy import Card
from tests.support.candidates import CARD, MANIFEST, candidate, found, hints, manifest, new_version
from tests.support.domain import MODEL


def by(profile: str | None, made: Manifest) -> Candidate:
    return candidate(versions=[new_version(made)], card=Card(MODEL, profile=profile))


def test_a_version_with_everything_passes() -> None:
    made = manifest(
        "model.safetensors", "tokenizer.json", "signature.json", lineage=Lineage(data_version="d41d")
    )
    assert found(check, by("full", made)) == []


def test_each_missing_kind_is_named_with_the_mend() -> None:
    value = by("full", manifest("tokenizer.json", f1=None))
    assert found(check, value) == [
        f"error {MANIFEST}:0 the profile full requires {kind}, and nlp-sentiment@1 has none"
        for kind in ("weights", "signature", "metrics", "lineage")
    ]
    assert set(hints(check, value)) == {"add the file to the source directory and register again"}


@pytest.mark.parametrize("lineage", [Lineage(data_version="d41d"), Lineage(git_commit="0" * 40)])
def test_lineage_is_a_data_version_or_a_commit(lineage: Lineage) -> None:
    made = manifest("model.safetensors", "tokenizer.json", "signature.json", lineage=lineage)
    assert found(check, by("full", made)) == []


def test_a_signature_may_promise_nothing() -> None:
    made = replace(
        manifest("model.safetensors", "tokenizer.json", lineage=Lineage(data_version="d")), signature={}
    )
    assert found(check, by("full", made)) == []


def test_an_unknown_profile_is_refused_with_those_that_exist() -> None:
    value = by("nlp", manifest())
    assert found(check, value) == [f"error {CARD}:0 registry.yaml has no profile 'nlp'"]
    assert hints(check, value) == ["it has: generic, full"]


def test_without_a_profile_nothing_is_required() -> None:
    assert found(check, by(None, manifest("a.txt", f1=None))) == []
    assert found(check, replace(by("full", manifest()), cards={})) == []


def test_a_manifest_that_cannot_be_read_is_somebody_elses_finding() -> None:
    assert found(check, candidate(versions=[replace(new_version(), manifest=None)])) == []
