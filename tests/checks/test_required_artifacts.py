"""A version has what the profile of its model requires."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelmark.checks.required_artifacts import check
from modelmark.domain.change import Candidate
from modelmark.domain.formats import Content, FileFormat, Formats
from modelmark.domain.inspection import Inspection
from modelmark.domain.manifest import FILE_TYPES, Lineage, Manifest, file_type
from modelmark.domain.policy import Card
from tests.support.candidates import (
    CARD,
    MANIFEST,
    candidate,
    found,
    hints,
    manifest,
    new_version,
    policy,
    subject,
)
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
    assert hints(check, value) == [
        f"add the file, such as {name}, to the source directory and register again"
        for name in (
            "model.safetensors",
            "signature.json",
            "metrics.json",
            "train_args.json with git_commit",
        )
    ]


@pytest.mark.parametrize("kind", [kind for kind, _ in FILE_TYPES if kind != "code"])
def test_the_name_that_the_hint_gives_is_one_by_which_the_kind_is_known(kind: str) -> None:
    required, bare = replace(policy(), profiles={"one": (kind,)}), manifest("notes.xyz", f1=None)
    (hint,) = hints(
        check, replace(by("one", bare), policy=required, cards={MODEL: Card(MODEL, profile="one")})
    )
    assert file_type(hint.split("such as ")[1].split(",")[0]) == kind


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


# --- by content, where somebody has looked ------------------------------------------------------------------------


def looked_at(content: Content, name: str = "model.safetensors", **others: Content) -> Candidate:
    made = manifest(name, *(key.replace("__", ".") for key in others))
    value = by("generic", made)
    contents = {name: content, **{key.replace("__", "."): one for key, one in others.items()}}
    formats = Formats({path: FileFormat(one) for path, one in contents.items()})
    (one,) = value.subjects
    return replace(value, subjects=(replace(one, inspection=Inspection({Formats: formats})),))


@pytest.mark.parametrize(
    "content",
    [Content.TEXT, Content.EMPTY, Content.UNKNOWN, Content.JSON, Content.PYTHON, Content.CREDENTIALS],
)
def test_a_file_that_is_weights_by_name_only_does_not_count(content: Content) -> None:
    assert found(check, looked_at(content)) == [
        f"error {MANIFEST}:0 the profile generic requires weights, and nlp-sentiment@1 has none: "
        f"model.safetensors is weights by its name, and its bytes say {content}"
    ]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (Content.SAFETENSORS, "model.safetensors"),
        (Content.PICKLE, "model.pkl"),
        (Content.ZIP, "model.keras"),
        (Content.UNKNOWN, "model.tflite"),
        (Content.UNKNOWN, "model.bin"),
    ],
)
def test_real_weights_count_and_so_do_formats_that_nobody_knows_by_their_bytes(
    content: Content, name: str
) -> None:
    assert found(check, looked_at(content, name)) == []


def test_one_real_file_of_weights_is_enough() -> None:
    assert found(check, looked_at(Content.TEXT, old__onnx=Content.ONNX)) == []


def test_a_kind_that_no_file_ever_has_is_a_mistake_in_the_profile() -> None:
    rules = replace(policy(), profiles={"own": ("wieghts", "code")})
    value = candidate(versions=[new_version(manifest("a.py"))], rules=rules, card=Card(MODEL, profile="own"))
    assert found(check, value) == [
        f"error {MANIFEST}:0 the profile own requires wieghts, and nlp-sentiment@1 has none"
    ]
    assert hints(check, value)[0].startswith("no file is ever wieghts: correct the profile in registry.yaml")


NAMES = {
    "weights": "model.onnx",
    "config": "config.json",
    "tokenizer": "tokenizer.json",
    "vocabulary": "vocab.txt",
    "labels": "labels.json",
    "preprocessing": "preprocess.py",
    "postprocessing": "postprocess.py",
    "signature": "signature.json",
    "metrics": "metrics.json",
    "environment": "requirements.txt",
    "training-args": "train_args.json",
    "data-version": "data_version.txt",
    "prompt": "system_prompt.md",
    "parameters": "parameters.yaml",
    "test": "tests/test_model.py",
    "fixture": "fixtures/requests.jsonl",
    "card": "README.md",
}


@pytest.mark.parametrize("kind", NAMES)
def test_a_profile_may_require_every_kind_of_file_there_is(kind: str) -> None:
    rules = replace(policy(), profiles={"own": (kind,)})
    card = Card(MODEL, profile="own")
    have = candidate(versions=[new_version(manifest(NAMES[kind], f1=None))], rules=rules, card=card)
    assert found(check, have) == []
    lack = candidate(versions=[new_version(manifest("other.xyz", f1=None))], rules=rules, card=card)
    assert [one.split(" requires ")[1] for one in found(check, lack)] == [
        f"{kind}, and nlp-sentiment@1 has none"
    ]


@pytest.mark.parametrize(
    ("path", "content", "counts"),
    [
        ("model.json", Content.JSON, True),
        ("booster.txt", Content.TEXT, True),
        ("model.json", Content.TEXT, False),
        ("model.txt", Content.EMPTY, False),
        ("model.ubj", Content.UNKNOWN, True),
        ("model.ubj", Content.JSON, False),
    ],
)
def test_boosted_trees_may_be_written_as_text(path: str, content: Content, counts: bool) -> None:
    made = manifest(path, f1=None)
    rules = replace(policy(), profiles={"own": ("weights",)})
    value = candidate(versions=[new_version(made)], rules=rules, card=Card(MODEL, profile="own"))
    facts = Formats({path: FileFormat(content)})
    judged = replace(value, subjects=(subject(made, facts=[facts]),))
    assert (found(check, judged) == []) is counts
