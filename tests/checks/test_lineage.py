"""Each thing that a lineage must say, and the ways in which people say it wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelmark.checks.lineage import CHECK, RULE, check
from modelmark.domain.change import Candidate
from modelmark.domain.manifest import Lineage
from tests.support.candidates import MANIFEST, asking, found, manifest

GOOD = Lineage(
    git_commit="76234dfda9661ac2f0117b69b0e5f7acc847d388",
    git_dirty=False,
    data_version="sha256:3ba0d053d759d2c3c53d5b4adbf5296e54105af59379f97bde7aa100bad68eb8",
    hyperparameters={"seed": 7},
    hardware={"cpu": "x"},
    duration_seconds=3.0,
)


def judged(lineage: Lineage, *paths: str) -> list[str]:
    made = manifest(*(paths or ("model.safetensors",)), lineage=lineage)
    return [
        one.partition(f"{MANIFEST}:0 ")[2]
        for one in found(check, asking(RULE, made=made))
        if "note" not in one
    ]


def abouts(value: Candidate) -> list[str]:
    return [one.about for one in check(value)]


def test_a_full_lineage_passes_and_the_note_says_it() -> None:
    (note,) = found(check, asking(RULE, made=manifest(lineage=GOOD)))
    assert note.startswith(f"note {MANIFEST}:0 commit 76234dfda966, data 'sha256:3ba0")
    assert note.endswith("1 training arguments")


@pytest.mark.parametrize(
    "commit", ["main", "HEAD", "76234df", "76234DFDA9661AC2F0117B69B0E5F7ACC847D388", "v1.2", "0" * 40, ""]
)
def test_a_commit_that_is_no_full_id_is_refused(commit: str) -> None:
    (said,) = judged(replace(GOOD, git_commit=commit))
    assert said.startswith("lineage.git_commit is '")
    assert "no full commit id" in said


def test_a_sha256_commit_is_full() -> None:
    assert judged(replace(GOOD, git_commit="a1" * 32)) == []


def test_the_feature_pipeline_is_held_to_the_same() -> None:
    assert judged(replace(GOOD, feature_pipeline_commit="b" * 40)) == []
    (said,) = judged(replace(GOOD, feature_pipeline_commit="develop"))
    assert said.startswith("lineage.feature_pipeline_commit is 'develop'")


@pytest.mark.parametrize(
    "data",
    [
        "v1.2",
        "2026-11-01",
        "reviews-2026-01",
        "train/v3",
        "d41d8cd98f00b204e9800998ecf8427e",
        "d41d8cd98f00b204e9800998ecf8427e.dir",
        "dvc:d41d8cd98f00b204e9800998ecf8427e.dir",
        "acme/reviews@76234dfda9661ac2f0117b69b0e5f7acc847d388",
        "s3://acme/train.csv#sha256=3ba0d053d759d2c3c53d5b4adbf5296e54105af59379f97bde7aa100bad68eb8",
        "main-reviews-v3",
    ],
)
def test_a_hash_or_a_tag_of_the_data_passes(data: str) -> None:
    assert judged(replace(GOOD, data_version=data)) == []


@pytest.mark.parametrize(
    "data",
    [
        "latest",
        "reviews-latest-2",
        "main",
        "master",
        "HEAD",
        "HEAD~1",
        "unknown",
        "origin/v3",
        "refs/heads/release-1",
        "3ba0d05",
        "sha256:3ba0d05",
        "sha256:" + "0" * 64,
        "s3://acme/train-2026.csv",
        "the data of last week, 2026",
        "",
    ],
)
def test_data_that_may_mean_something_else_tomorrow_is_refused(data: str) -> None:
    (said,) = judged(replace(GOOD, data_version=data))
    assert "neither a hash nor a tag" in said


def test_what_is_absent_is_told_each_by_its_name() -> None:
    nothing = asking(RULE, made=manifest(lineage=Lineage()))
    assert [one.about for one in check(nothing) if one.level == "error"] == [
        "1: git_commit",
        "1: data_version",
        "1: hyperparameters",
    ]


def test_a_dirty_work_tree_is_refused_and_silence_about_it_too() -> None:
    assert judged(replace(GOOD, git_dirty=True)) == [
        "it was trained from a work tree with changes, so the commit is not the code that trained it"
    ]
    assert judged(replace(GOOD, git_dirty=None)) == [
        "the lineage does not say whether the work tree had changes"
    ]


def test_a_waiver_of_a_dirty_work_tree_excuses_that_version_and_no_other() -> None:
    dirty = replace(GOOD, git_dirty=True)
    ((first, hint), (second, _)) = (
        (one.about, one.hint)
        for text in ("1", "2")
        for one in check(asking(RULE, made=manifest(text=text, lineage=dirty)))
    )
    assert (first, second) == ("1: git_dirty", "2: git_dirty")
    assert hint.endswith('about: "1: git_dirty"')


def test_a_file_of_training_arguments_is_as_good_as_those_in_the_manifest() -> None:
    bare = replace(GOOD, hyperparameters={})
    assert judged(bare) == ["there are no training arguments, so nobody can train it again"]
    assert judged(bare, "model.safetensors", "train_args.json") == []


def test_duration_and_hardware_are_only_noted() -> None:
    bare = replace(GOOD, hardware={}, duration_seconds=None)
    notes = found(check, asking(RULE, made=manifest(lineage=bare)))
    assert notes[0] == f"note {MANIFEST}:0 the lineage does not say duration_seconds and hardware"
    assert len(notes) == 2


def test_a_prompt_needs_a_commit_or_a_data_version_only() -> None:
    files = ("prompt.txt", "parameters.json")
    assert judged(Lineage(git_commit="a" * 40), *files) == []
    assert judged(Lineage(data_version="v2"), *files) == []
    (said,) = judged(Lineage(), *files)
    assert said.startswith("neither a commit nor a data version is given")


def test_weights_beside_a_prompt_are_trained_whatever_the_manifest_calls_them() -> None:
    made = manifest("prompt.txt", "model.gguf", lineage=Lineage(git_commit="a" * 40))
    called = replace(made, files=tuple(replace(file, type="prompt") for file in made.files))
    assert "1: data_version" in abouts(asking(RULE, made=called))


def test_a_gate_that_does_not_name_it_is_not_judged() -> None:
    assert list(check(asking("scan", made=manifest(lineage=Lineage())))) == []
    assert CHECK.named
    assert CHECK.waivable
