"""A watch that was killed goes on where it was: no release without its hook, and no hook that failed is forgotten."""

from __future__ import annotations

import errno

import pytest

from modelmark.domain.references import parse_reference
from modelmark.domain.watching import Memory
from modelmark.errors import CouldNot
from modelmark.usecases.pull import LocalReleases, pull
from tests.support.desk import Desk
from tests.support.watching import TARGET, Stage


@pytest.fixture
def stage(desk: Desk) -> Stage:
    desk.live("1")
    return Stage.new(desk)


def restarted(stage: Stage) -> Stage:
    """Another process at the same disk; its clock begins anew."""
    return Stage(stage.desk, stage.source, stage.shelf, stage.hook)


def no_two(message: object) -> str:
    assert isinstance(message, dict)
    return "exit 1" if message["version"] == "2" else ""


class Killed(BaseException):
    pass


def killed(*_: object) -> str:
    raise Killed


def die_in_hook(stage: Stage) -> None:
    """The release is visible, and the hook has not said yes."""
    stage.hook = killed
    with pytest.raises(Killed):
        stage.play()


def test_a_release_whose_hook_did_not_end_is_told_again(stage: Stage) -> None:
    die_in_hook(stage)
    assert stage.live == b"m 1"
    stage.hook = lambda _: ""
    again = restarted(stage).play(None)
    assert [one["version"] for one in again.hooks] == ["1"]
    assert restarted(stage).play(None).hooks == []


def test_what_somebody_else_put_there_is_in_use_already(stage: Stage) -> None:
    stage.desk.sync()
    source = LocalReleases(stage.desk.workspace, TARGET)
    pull(source, stage.desk.directories, parse_reference("m@prod"), TARGET)
    stage.hook = lambda _: ""
    stage.play(None, lambda: stage.desk.live("2"), None)
    assert [one["version"] for one in stage.hooks] == ["2"]


def test_what_the_hook_did_not_take_is_not_tried_at_once_after_a_restart(stage: Stage) -> None:
    stage.hook = no_two
    stage.play(lambda: stage.desk.live("2"), None)
    again = restarted(stage).play(*[None] * 3)
    assert (again.live, again.hooks, again.told) == (b"m 1", [], [])
    assert again.state.rejected is not None
    later = restarted(stage).play(*[None] * 4)
    assert [(one["version"], one["event"]) for one in later.hooks] == [("2", "changed"), ("1", "restored")]
    assert stage.shelf.memory is not None
    assert stage.shelf.memory.rejected is not None
    assert stage.shelf.memory.rejected.tries == 2


def test_killed_between_the_hook_and_the_way_back_it_goes_back_first(stage: Stage) -> None:
    stage.hook = no_two
    stage.play()
    stage.desk.live("2")
    restore, stage.shelf.restore = stage.shelf.restore, killed  # type: ignore[method-assign, assignment]
    with pytest.raises(Killed):
        restarted(stage).play()
    assert stage.live == b"m 2"
    stage.shelf.restore = restore  # type: ignore[method-assign]
    again = restarted(stage).play(None)
    assert (again.live, [one["event"] for one in again.hooks]) == (b"m 1", ["restored"])
    assert again.looks == 1


def test_the_memory_is_written_before_the_next_action(stage: Stage) -> None:
    seen: list[Memory | None] = []

    def hook(message: object) -> str:
        seen.append(stage.shelf.memory)
        return no_two(message)

    stage.hook = hook
    stage.play(lambda: stage.desk.live("2"), None)
    assert seen[0] == Memory(untold=True), "that there is a watch"
    assert seen[1] is not None
    assert seen[1].rejected is None
    assert seen[2] is not None
    assert seen[2].rejected is not None, "before anything is taken back"


def test_a_release_that_is_gone_cannot_come_back_and_the_watch_goes_on(stage: Stage) -> None:
    def hook(message: object) -> str:
        assert isinstance(message, dict)
        if message["version"] == "2":
            for key in [key for key in stage.desk.directories.releases if key[1].startswith("m-1-")]:
                del stage.desk.directories.releases[key]
        return no_two(message)

    stage.hook = hook
    stage.play(lambda: stage.desk.live("2"), None, lambda: stage.desk.live("3"), *[None] * 4)
    (said,) = [line for line in stage.told if "is not there any more" in line]
    assert "; m@2 (m#prod#2) stays" in said
    assert (stage.live, stage.state.failed) == (b"m 3", {"hook": 1, "missing": 1})


def test_a_disk_that_takes_no_memory_delays_nothing(stage: Stage) -> None:
    stage.hook = no_two
    full = CouldNot("disk full", "make room")
    full.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    stage.play(
        lambda: setattr(stage.shelf, "failure", full),
        lambda: stage.desk.live("2"),
        lambda: stage.desk.live("3"),
        lambda: setattr(stage.shelf, "failure", None),
    )
    assert [one["event"] for one in stage.hooks] == ["changed", "changed", "restored", "changed"]
    assert "disk full" in [one.unwritten for one in stage.shown]
    assert [line for line in stage.told if "disk full" in line] == ["disk full (make room)"]
    assert (stage.live, set(stage.state.failed)) == (b"m 3", {"disk", "hook"})


def test_a_disk_that_takes_no_memory_is_told_and_nothing_is_lost(stage: Stage) -> None:
    stage.hook = lambda _: ""
    stage.play(
        lambda: setattr(stage.shelf, "failure", CouldNot("disk full")),
        lambda: stage.desk.live("2"),
        *[None] * 3,
        lambda: setattr(stage.shelf, "failure", None),
        None,
    )
    assert stage.live == b"m 2"
    assert len([line for line in stage.told if "disk full" in line]) == 1
    assert stage.shelf.memory == stage.state.memory


def test_a_target_that_cannot_be_written_ends_it_at_once(stage: Stage) -> None:
    stage.shelf.failure = CouldNot("cannot be written")
    with pytest.raises(CouldNot):
        stage.play()


def test_a_failure_that_nobody_foresaw_is_not_swallowed(stage: Stage) -> None:
    stage.source.failure = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        stage.play()


def test_a_way_back_that_fails_is_tried_again(stage: Stage) -> None:
    stage.hook = no_two
    restore = stage.shelf.restore

    def broken(*_: object) -> None:
        raise CouldNot("not now")

    stage.shelf.restore = broken  # type: ignore[method-assign, assignment]
    stage.play(
        lambda: stage.desk.live("2"), None, lambda: setattr(stage.shelf, "restore", restore), None, None
    )
    assert (stage.live, stage.hooks[-1]["event"]) == (b"m 1", "restored")
