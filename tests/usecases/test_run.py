"""What a run's lineage lacks is what the gate's own check would say; and its files are written by a plan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from modelmark.checks import lineage
from modelmark.domain.change import Subject
from modelmark.domain.findings import Level
from modelmark.domain.inspection import Inspection
from modelmark.domain.manifest import Manifest
from modelmark.domain.policy import Gate
from modelmark.domain.training import Code, Training, Written, lineage_of
from modelmark.domain.versions import FIRST
from modelmark.errors import InvalidInput
from modelmark.usecases.run import lacks, write_files
from tests.support.desk import M

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
WHOLE = Training(NOON, Code("1" * 40, False), hyperparameters={"lr": 1}, data_version="v1")


class FakeFiles:
    def __init__(self, found: Mapping[str, bytes]) -> None:
        self.found = found
        self.plan: Written | None = None

    def read(self, directory: Path) -> Mapping[str, bytes]:
        return self.found

    def write(self, directory: Path, plan: Written) -> None:
        self.plan = plan


@pytest.mark.parametrize(
    "training",
    [
        WHOLE,
        replace(WHOLE, code=Code()),
        replace(WHOLE, code=Code("1" * 40, True)),
        replace(WHOLE, code=Code("1" * 40, None)),
        replace(WHOLE, data_version=None),
        replace(WHOLE, data_version="latest"),
        replace(WHOLE, feature_pipeline_commit="main"),
    ],
)
def test_what_is_lacking_is_what_the_gate_will_say(training: Training) -> None:
    manifest = Manifest(M, FIRST, NOON, (), lineage=lineage_of(training, {}, None))
    subject = Subject(M, FIRST, "registration", Gate(), manifest, None, Inspection(), "")
    errors = [one.message for one in lineage.judge(subject, manifest) if one.level is Level.ERROR]
    assert [one.message for one in lacks(M, training, {})] == errors
    assert bool(errors) is (training != WHOLE)


def test_training_arguments_that_nobody_logged_yet_are_not_missed() -> None:
    assert lacks(M, replace(WHOLE, hyperparameters={}), {}) == ()


def test_what_the_users_own_files_say_is_what_counts() -> None:
    outside = replace(WHOLE, code=Code(), data_version=None)
    said = {"git_commit": "2" * 40, "git_dirty": False, "lr": 1}
    assert (
        lacks(M, outside, {"train_args.json": json.dumps(said).encode(), "data_version.txt": b"v1\n"}) == ()
    )
    assert len(lacks(M, WHOLE, {"train_args.json": b'{"git_commit": "main"}'})) == 2
    assert lacks(M, WHOLE, {"train_args.json": b"{"}) == (), "register says what is wrong with it"


def test_files_are_written_by_the_plan_and_not_at_all_where_there_is_none() -> None:
    files = FakeFiles({})
    write_files(files, Path("out"), WHOLE)
    assert files.plan is not None
    assert set(files.plan.write) == {"run.json", "train_args.json", "data_version.txt"}
    theirs = FakeFiles({"train_args.json": b"{}"})
    with pytest.raises(InvalidInput):
        write_files(theirs, Path("out"), WHOLE)
    assert theirs.plan is None
