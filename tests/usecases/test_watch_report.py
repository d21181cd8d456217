"""A watch that reports: what is live is written down elsewhere at once, and no failure of that stops a poll."""

from __future__ import annotations

import pytest

from modelmark.domain.watching import Release
from modelmark.errors import CouldNot
from tests.support.desk import Desk
from tests.support.watching import Stage


class Records:
    """Keeps what it is given; raises what it is told to."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.failure: Exception | None = None
        self.asked = 0

    def __call__(self, release: Release) -> bool:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        self.kept.append(str(release))
        return True


@pytest.fixture
def records() -> Records:
    return Records()


@pytest.fixture
def stage(desk: Desk, records: Records) -> Stage:
    desk.live("1")
    stage = Stage.new(desk)
    stage.reporter = records
    return stage


def test_only_what_the_hook_took_is_reported_and_each_once(stage: Stage, records: Records) -> None:
    stage.hook = lambda message: "exit 1" if message["version"] == "2" else ""
    stage.play(lambda: stage.desk.live("2"), None, lambda: stage.desk.live("3"), *[None] * 3)
    assert records.kept == ["m@1 (m#prod#1)", "m@3 (m#prod#3)"]


def test_it_is_reported_before_the_first_pause(stage: Stage, records: Records) -> None:
    stage.play()
    assert (records.kept, stage.waits) == (["m@1 (m#prod#1)"], [30.0])


def test_the_same_version_under_a_new_assignment_is_reported(stage: Stage, records: Records) -> None:
    stage.hook = lambda message: "exit 1" if message["version"] == "2" else ""
    stage.play(lambda: stage.desk.live("2"), lambda: stage.desk.by_hand("1"), None)
    assert records.kept == ["m@1 (m#prod#1)", "m@1 (m#prod#3)"]


@pytest.mark.parametrize("error", [CouldNot("the branch cannot be pushed"), OSError(28, "disk full")])
def test_records_that_cannot_be_written_are_told_once_tried_again_and_keep_nobody(
    stage: Stage, records: Records, error: Exception
) -> None:
    records.failure = error
    stage.play(
        None, None, lambda: stage.desk.live("2"), None, None, lambda: setattr(records, "failure", None), None
    )
    assert stage.live == b"m 2"
    told = [line for line in stage.told if line.startswith("what is live here could not be reported: ")]
    assert len(told) == 1
    assert records.kept == ["m@2 (m#prod#2)"]
    assert (stage.state.failed["report"], stage.state.unreported) == (records.asked - 1, "")


def test_a_record_that_is_on_its_way_is_asked_for_after_each_pause_and_no_failure(
    stage: Stage, records: Records
) -> None:
    stage.reporter = lambda release: records.asked == 3 and records(release)
    stage.play(None, None, lambda: setattr(records, "asked", 3), None)
    assert (records.kept, stage.state.failed, stage.state.unreported) == (["m@1 (m#prod#1)"], {}, "")
    assert stage.source.asked.count("names") == 4


def test_after_a_restart_it_is_reported_again_for_nobody_knows_whether_it_was(
    stage: Stage, records: Records
) -> None:
    stage.play()
    Stage(stage.desk, stage.source, stage.shelf, reporter=records).play(None)
    assert records.kept == ["m@1 (m#prod#1)"] * 2
