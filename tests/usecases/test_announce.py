"""Who is told of what: each channel each event at least once, whatever fails or is killed, and nothing that does not count."""

from __future__ import annotations

import pytest

from tests.support.desk import PROD, Desk
from tests.support.outside import ALL, RUN, WEB, Killed, Outside, tell


@pytest.fixture
def outside() -> Outside:
    return Outside()


def test_what_each_alias_means_now_is_told_to_everybody_once(desk: Desk, outside: Outside) -> None:
    desk.live("1", "2")
    done = tell(desk, outside)
    names = ["m#prev_prod#1", "m#prod#2", "m#staging#2"]
    assert sorted(outside.sent) == sorted((channel, name) for channel in ALL for name in names)
    assert [(str(one.tag), one.sent) for one in done.told] == [(name, ALL) for name in names]
    assert tell(desk, outside).told == ()
    assert len(outside.sent) == 9


def test_it_is_remembered_at_the_tags_commit_with_the_run(desk: Desk, outside: Outside) -> None:
    desk.live("1")
    tell(desk, outside, "m#prod#1")
    found = desk.history().now(PROD)
    assert found is not None
    assert outside.marks == {
        found.commit: {
            f"registry/announced/{channel} m#prod#1": ("announced: prod means 1", RUN) for channel in ALL
        }
    }


def test_an_event_says_where_it_comes_from_and_has_the_id_of_the_tag(desk: Desk, outside: Outside) -> None:
    desk.live("1")
    tell(desk, outside, "m#prod#1")
    (event,) = outside.bodies
    assert (event["source"], event["id"]) == (WEB, desk.refs["refs/tags/m#prod#1"])


def test_a_rollback_by_hand_is_told_and_what_it_replaced_is_not(desk: Desk, outside: Outside) -> None:
    desk.live("1", "2")
    tell(desk, outside)
    outside.sent.clear()
    desk.by_hand("1")
    tell(desk, outside)
    assert outside.sent == [(channel, "m#prod#3") for channel in ALL]
    assert outside.bodies[-1]["data"]["previous"] == "2"


def test_two_assignments_on_one_commit_are_remembered_apart(desk: Desk, outside: Outside) -> None:
    desk.live("1", "2")
    tell(desk, outside, "m#prev_prod#1")
    assert {tag for _, tag in outside.sent} == {"m#prev_prod#1"}
    tell(desk, outside)
    assert ("webhook", "m#prod#2") in outside.sent
    assert outside.sent.count(("webhook", "m#prev_prod#1")) == 1


def test_what_is_older_than_a_week_is_told_only_by_name(desk: Desk, outside: Outside) -> None:
    desk.live("1")
    desk.wait(7 * 24 + 1)
    assert tell(desk, outside).told == ()
    assert len(tell(desk, outside, days=8).told) == 2
    outside = Outside()
    assert len(tell(desk, outside, "m#prod#1").told) == 1
    assert len(outside.sent) == 3


def test_what_is_named_and_was_told_is_skipped_unless_asked_for_again(desk: Desk, outside: Outside) -> None:
    desk.live("1")
    tell(desk, outside, "m#prod#1", "m#prod#1")
    assert tell(desk, outside, "m#prod#1").told[0].already == ALL
    assert len(outside.sent) == 3
    tell(desk, outside, "m#prod#1", again=True)
    assert len(outside.sent) == 6


def test_a_dry_run_says_who_would_be_told_and_tells_nobody(desk: Desk, outside: Outside) -> None:
    desk.live("1")
    done = tell(desk, outside, "m#prod#1", dry_run=True)
    assert (done.dry_run, done.told[0].sent, outside.steps) == (True, ALL, 0)


@pytest.mark.parametrize("broken", ALL)
def test_one_that_fails_stops_no_other_and_only_it_is_asked_again(
    desk: Desk, outside: Outside, broken: str
) -> None:
    desk.live("1")
    outside.broken = {broken}
    done = tell(desk, outside, "m#prod#1")
    rest = tuple(one for one in ALL if one != broken)
    assert (done.failed, done.told[0].sent) == (True, rest)
    (failure,) = done.told[0].failed
    assert (failure.channel, failure.why, failure.hint) == (broken, f"no {broken} today", "wait")
    outside.broken = set()
    again = tell(desk, outside, "m#prod#1")
    assert (again.failed, again.told[0].sent, again.told[0].already) == (False, (broken,), rest)
    assert sorted(outside.sent) == sorted((one, "m#prod#1") for one in ALL)


def test_what_cannot_be_remembered_is_said_and_told_again(desk: Desk, outside: Outside) -> None:
    desk.live("1")
    outside.broken = {"mark"}
    done = tell(desk, outside, "m#prod#1")
    assert done.told[0].sent == ALL
    assert {one.channel for one in done.told[0].failed} == set(ALL)
    assert "it was told, and that cannot be remembered: no mark today" in done.told[0].failed[0].why
    outside.broken = set()
    assert tell(desk, outside, "m#prod#1").told[0].sent == ALL


def test_where_the_memory_cannot_be_read_nobody_hears_doubles(desk: Desk, outside: Outside) -> None:
    desk.live("1")
    outside.broken = {"reading"}
    done = tell(desk, outside)
    assert (done.failed, outside.sent) == (True, [])
    assert [one.failed[0].channel for one in done.told] == ["memory", "memory"]
    assert tell(desk, outside, "m#prod#1", again=True).told[0].sent == ALL, (
        "what is told again need not be read"
    )


def test_killed_anywhere_the_next_run_does_what_is_left(desk: Desk) -> None:
    desk.live("1", "2")
    everything = {
        (channel, f"m#{alias}") for channel in ALL for alias in ("prod#2", "prev_prod#1", "staging#2")
    }
    for kill in range(1, 100):
        outside = Outside(kill=kill)
        try:
            tell(desk, outside)
        except Killed:
            outside.kill = 0
            tell(desk, outside)
        else:
            assert kill == 2 * 18 + 1, "nine events, and as many marks"
            break
        assert set(outside.sent) == everything
        assert len(outside.sent) <= len(everything) + 1, "one double at most"
        assert tell(desk, outside).failed is False
    else:
        pytest.fail("it never ends")
