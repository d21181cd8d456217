"""Following an alias: what is visible is verified and accepted, and nothing that goes wrong changes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from modelmark.errors import Corrupt, CouldNot, Denied, Missing, StorageError, Unreachable
from tests.support.desk import Desk, v
from tests.support.watching import TARGET, Stage


@pytest.fixture
def stage(desk: Desk) -> Stage:
    desk.live("1")
    return Stage.new(desk)


def fail(stage: Stage, error: Exception | None) -> None:
    stage.source.failure = error


def storage_fails(stage: Stage, error: StorageError | None) -> None:
    stage.desk.storage.failure = error


def both(*actions: Callable[[], object]) -> None:
    for action in actions:
        action()


def delete(stage: Stage, name: str) -> str:
    return stage.desk.refs.pop(f"refs/tags/{name}")


def test_it_brings_what_the_alias_means_and_then_asks_for_names_alone(stage: Stage) -> None:
    stage.play(None, None, None)
    assert (stage.live, stage.told) == (b"m 1", ["m@1 (m#prod#1) is live"])
    assert (stage.looks, stage.source.asked[-3:]) == (1, ["names"] * 3)
    assert stage.waits == [30.0] * 4


def test_a_new_assignment_is_pulled_at_the_next_poll_and_told_once(stage: Stage) -> None:
    stage.play(lambda: stage.desk.live("2"), None)
    assert (stage.live, stage.told[1:], stage.looks) == (b"m 2", ["m@2 (m#prod#2) is live"], 2)


def test_a_rollback_by_hand_comes_back_without_the_storage(stage: Stage) -> None:
    stage.play(
        lambda: stage.desk.live("2"),
        lambda: both(lambda: storage_fails(stage, Unreachable("not asked")), lambda: stage.desk.by_hand("1")),
        None,
    )
    assert (stage.live, stage.told[-1]) == (b"m 1", "m@1 (m#prod#3) is live")


def test_the_hook_is_told_once_for_each_release_and_what_was_before(stage: Stage) -> None:
    stage.hook = lambda _: ""
    stage.play(lambda: stage.desk.live("2"), None, None)
    first, second = stage.hooks
    assert (first["event"], first["version"], first["assignment"], first["before"]) == (
        "changed",
        "1",
        "m#prod#1",
        None,
    )
    assert first["path"] == f"{TARGET}/current"
    assert str(first["release"]).startswith(f"{TARGET}/releases/m-1-")
    assert (first["reference"], first["registry"], first["model"]) == ("m@prod", "memory:server", "m")
    before = second["before"]
    assert isinstance(before, dict)
    assert (second["version"], before["version"], before["assignment"]) == ("2", "1", "m#prod#1")
    assert second["manifest_sha256"] == stage.desk.history().versions[v("2")].manifest_sha256


def test_when_the_hook_fails_the_release_before_is_visible_again_and_the_hook_is_told_so(
    stage: Stage,
) -> None:
    stage.hook = lambda message: "exit 1" if message["version"] == "2" else ""
    stage.play(lambda: stage.desk.live("2"), None)
    assert stage.live == b"m 1"
    assert stage.told[1:] == [
        "the hook failed for m@2 (m#prod#2): exit 1; back to m@1 (m#prod#1); it is tried again in 120 s"
    ]
    assert [(one["event"], one["version"]) for one in stage.hooks] == [
        ("changed", "1"),
        ("changed", "2"),
        ("restored", "1"),
    ]
    assert stage.state.rejected is not None
    assert (stage.state.rejected.assignment, stage.state.failed) == ("m#prod#2", {"hook": 1})


def test_what_the_hook_did_not_take_is_tried_later_and_later(stage: Stage) -> None:
    stage.hook = lambda message: "exit 1" if message["version"] == "2" else ""
    tried: list[float] = []
    before = stage.hook

    def hook(message: object) -> str:
        assert isinstance(message, dict)
        if message["version"] == "2":
            tried.append(stage.now)
        return before(message)

    stage.hook = hook
    stage.play(lambda: stage.desk.live("2"), *[None] * 60)
    assert tried == [30.0, 150.0, 390.0, 870.0, 1830.0]
    assert stage.live == b"m 1"
    assert stage.looks < 15, "and in between nothing is looked at but names, and now and then the alias"


def test_what_the_hook_takes_at_last_is_live(stage: Stage) -> None:
    answers = iter(["", "exit 1", "", ""])
    stage.hook = lambda _: next(answers)
    stage.play(lambda: stage.desk.live("2"), *[None] * 6)
    assert (stage.live, stage.state.rejected, stage.told[-1]) == (b"m 2", None, "m@2 (m#prod#2) is live")


def test_a_newer_assignment_is_tried_at_once_although_the_one_before_was_not_taken(stage: Stage) -> None:
    stage.hook = lambda message: "exit 1" if message["version"] == "2" else ""
    stage.play(lambda: stage.desk.live("2"), lambda: stage.desk.live("3"), None)
    assert (stage.live, stage.state.rejected) == (b"m 3", None)


def test_a_rollback_to_what_is_visible_already_needs_no_hook(stage: Stage) -> None:
    stage.hook = lambda message: "exit 1" if message["version"] == "2" else ""
    stage.play(lambda: stage.desk.live("2"), lambda: stage.desk.by_hand("1"), None)
    assert stage.told[-1] == "m@1 (m#prod#3) is what was live already"
    assert (len(stage.hooks), stage.state.rejected) == (3, None)
    assert stage.state.accepted == stage.state.visible


def test_the_first_release_stays_although_the_hook_fails_because_there_is_no_other(stage: Stage) -> None:
    answers = iter(["exit 7", ""])
    stage.hook = lambda _: next(answers)
    stage.play(*[None] * 5)
    assert stage.live == b"m 1"
    assert stage.told == [
        "the hook failed for m@1 (m#prod#1): exit 7; there is no release before it, so it stays; "
        "it is tried again in 120 s",
        "m@1 (m#prod#1) is live",
    ]


def test_a_hook_that_fails_at_the_way_back_is_told_and_counted(stage: Stage) -> None:
    answers = iter(["", "exit 1", "exit 2", "exit 2", ""])
    stage.hook = lambda _: next(answers)
    stage.play(lambda: stage.desk.live("2"), None)
    assert stage.told[-1] == (
        "the hook failed, too, when it was told of m@1 (m#prod#1): exit 2; it is told again in 120 s"
    )
    assert (stage.live, stage.state.failed, stage.state.live) == (b"m 1", {"hook": 2}, None)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Unreachable("no answer"), "unreachable"),
        (Denied("no answer"), "denied"),
        (CouldNot("no answer"), "could-not"),
        (OSError(28, "no answer"), "disk"),
    ],
)
def test_a_registry_that_is_down_is_told_once_asked_less_often_and_changes_nothing(
    stage: Stage, error: Exception, kind: str
) -> None:
    stage.play(lambda: fail(stage, error), *[None] * 6, lambda: fail(stage, None), None)
    assert stage.live == b"m 1"
    assert len(stage.told) == 3
    assert "no answer" in stage.told[1]
    assert "; m@1 (m#prod#1) stays" in stage.told[1]
    assert stage.told[2] == "well again, after 7 in a row that failed"
    assert stage.waits[1:9] == [30, 60, 120, 240, 300, 300, 300, 30]
    assert (stage.state.failed, stage.state.failures, stage.state.trouble) == ({kind: 7}, 0, None)


def test_a_registry_that_is_down_at_the_start_is_waited_for(stage: Stage) -> None:
    fail(stage, Unreachable("no answer"))
    stage.play(None, lambda: fail(stage, None), None)
    assert stage.live == b"m 1"
    assert stage.told == ["no answer", "well again, after 2 in a row that failed", "m@1 (m#prod#1) is live"]


@pytest.mark.parametrize("error", [Missing("object gone"), Corrupt("other bytes"), Unreachable("no storage")])
def test_a_storage_that_fails_leaves_what_is_visible_and_is_tried_again(
    stage: Stage, error: StorageError
) -> None:
    stage.play(
        lambda: both(lambda: stage.desk.live("2"), lambda: storage_fails(stage, error)),
        None,
        lambda: storage_fails(stage, None),
        None,
    )
    assert (stage.live, stage.told[-1]) == (b"m 2", "m@2 (m#prod#2) is live")
    assert len([line for line in stage.told if str(error) in line]) == 1


def test_a_forged_assignment_is_told_once_and_never_visible(stage: Stage) -> None:
    stage.play(lambda: stage.desk.plant("m#prod#2", b"rubbish"), *[None] * 40)
    assert stage.live == b"m 1"
    (said,) = stage.told[1:]
    assert said.startswith("m#prod#2 does not count: ")
    assert "m#prod#1 stays" in said
    assert (stage.state.failed, stage.state.failures) == ({"invalid": 1}, 0)
    assert stage.desk.directories.published <= 6, "and what is visible already is not brought again each time"


def test_a_real_assignment_in_the_place_of_a_forged_one_is_found_at_the_next_poll(stage: Stage) -> None:
    stage.play(
        lambda: stage.desk.plant("m#prod#2", b"rubbish"),
        None,
        lambda: both(lambda: delete(stage, "m#prod#2"), lambda: stage.desk.live("2")),
        None,
        None,
    )
    assert (stage.live, stage.told[-1]) == (b"m 2", "m@2 (m#prod#2) is live")
    assert stage.source.asked[-1] == "names", "and then names are enough again"


def test_a_number_that_somebody_planted_far_above_is_found_at_the_next_look_and_nothing_moves(
    stage: Stage,
) -> None:
    planted = [lambda: stage.desk.plant("m#prod#9", b"far away"), lambda: stage.desk.live("2")]
    stage.play(*planted, *[None] * 9)
    assert (stage.live, stage.state.failed["stale"] > 0) == (b"m 1", True)
    assert len([line for line in stage.told if "m#prod#2 is missing below m#prod#10" in line]) == 1


def test_a_forged_number_does_not_bring_back_what_the_hook_did_not_take(stage: Stage) -> None:
    stage.hook = lambda message: "exit 1" if message["version"] == "2" else ""
    stage.play(lambda: stage.desk.live("2"), lambda: stage.desk.plant("m#prod#3", b"rubbish"), None)
    assert [one["version"] for one in stage.hooks] == ["1", "2", "1"]
    assert stage.live == b"m 1"


def test_an_older_mirror_changes_nothing(stage: Stage) -> None:
    stage.desk.live("2")
    stage.play(lambda: delete(stage, "m#prod#2"), None, None)
    assert stage.live == b"m 2"
    (said,) = stage.told[1:]
    assert said.startswith("the newest assignment that counts is m#prod#1, and 2 was seen before; m@2")
    assert stage.state.failed == {"stale": 3}


def test_an_older_mirror_is_known_also_after_a_restart(stage: Stage) -> None:
    stage.desk.live("2")
    stage.play()
    delete(stage, "m#prod#2")
    again = Stage(stage.desk, stage.source, stage.shelf).play(None)
    assert (again.live, again.state.failed) == (b"m 2", {"stale": 2})


def test_a_moved_tag_is_refused_when_the_alias_is_looked_at(stage: Stage) -> None:
    def move() -> None:
        data = stage.desk.git.objects.tags[delete(stage, "m#prod#1")]
        stage.desk.plant("m#prod#1", data.replace(b"better", b"worse!"))

    stage.play(move, *[None] * 25)
    assert stage.live == b"m 1"
    assert "m#prod#1 was moved: it was" in stage.told[1]


def test_now_and_then_it_looks_although_nothing_is_new_and_mends_what_is_damaged(stage: Stage) -> None:
    stage.play(stage.desk.directories.releases.clear, *[None] * 10)
    assert (stage.live, stage.looks) == (b"m 1", 2)


def test_chance_spreads_the_polls(stage: Stage) -> None:
    stage.chance = 0.0
    stage.play()
    early = stage.waits[0]
    stage.chance = 1.0
    stage.play()
    assert (early, stage.waits[1]) == pytest.approx((24.0, 36.0))
