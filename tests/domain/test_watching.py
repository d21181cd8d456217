"""The machine of a watch, thrown anything in any order: its rules hold whatever happens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.watching import (
    Memory,
    Pace,
    Rejected,
    Release,
    Seen,
    Trouble,
    Watched,
    begin,
    number_in,
)
from modelmark.domain.watching_moves import (
    Action,
    Ask,
    Asked,
    At,
    Event,
    Failed,
    Found,
    Gone,
    Hooked,
    Look,
    Nothing,
    Pull,
    Pulled,
    Report,
    Reported,
    Restore,
    Restored,
    RunHook,
    Wait,
    Waited,
)
from modelmark.domain.watching_steps import first, step

CHAIN, PACE = "m#prod", Pace(every=30.0)


def release(number: int, version: int | None = None) -> Release:
    text = str(version or number)
    return Release(f"m-{text}-x", "m", text, f"m@v{text}", f"{CHAIN}#{number}", f"id-{number}", "0" * 64)


@st.composite
def outcomes(draw: st.DrawFn, action: Action, found: int) -> Event:
    """Anything that may come of an action."""
    if not isinstance(action, Wait | RunHook | Report) and draw(st.integers(0, 3)) == 0:
        kind = draw(st.sampled_from(["unreachable", "corrupt"]))
        return Failed(Trouble(kind, "it failed"), asking=isinstance(action, Ask))
    if isinstance(action, Look) and draw(st.integers(0, 5)) == 0:
        return Nothing(draw(st.integers(0, found + 1)), Trouble("refused", "it means nothing"))
    if isinstance(action, Restore) and draw(st.integers(0, 3)) == 0:
        return Gone(Trouble("missing", "it is gone"))
    possible: dict[type[Action], Event] = {
        Wait: Waited(),
        Ask: Asked(draw(st.booleans())),
        Look: Found(found, f"id-{found}", found + draw(st.integers(0, 2))),
        Pull: Pulled(release(found, draw(st.integers(1, 3)))),
        RunHook: Hooked(
            draw(st.sampled_from(["", "exit 1"])), isinstance(action, RunHook) and action.restored
        ),
        Restore: Restored(),
        Report: Reported(
            draw(st.sampled_from(["", "no", None])), isinstance(action, Report) and action.polling
        ),
    }
    return possible[type(action)]


def check_action(state: Watched, action: Action, now: float, found: int) -> None:
    if isinstance(action, Wait):
        assert 24 - 1e-9 <= action.seconds <= (360 if state.failures else 36) + 1e-9
    if isinstance(action, RunHook):
        assert action.release == state.visible, "the hook is told of what readers get"
    if isinstance(action, Restore):
        assert action.release == state.accepted, "back only to what the hook took"
    if isinstance(action, Report):
        assert action.release == state.accepted == state.visible, "only what is live is reported"
        assert not state.untold, "and of which the hook heard last"
    if isinstance(action, Pull) and state.rejected is not None and state.visible is not None:
        early = now < state.rejected.due and state.rejected.assignment_id == f"id-{found}"
        assert not early, "what the hook did not take is not tried before its time"


def check_change(before: Watched, state: Watched) -> None:
    if before.seen is not None:
        assert state.seen is not None
        assert state.seen.number >= before.seen.number, "never back by itself"
    if state.accepted != before.accepted:
        assert state.accepted in (state.visible, None), "only what readers have got is accepted"
    assert sum(state.failed.values()) >= sum(before.failed.values())


@given(st.data())
def test_the_rules_hold_whatever_happens(data: st.DataObject) -> None:
    now, busy, found = 0.0, 0, 1
    state = replace(begin(CHAIN, None, Memory(), PACE, now), reports=data.draw(st.booleans()))
    action = first(state)
    for _ in range(40):
        if isinstance(action, Look):
            found = data.draw(st.integers(max(1, found - 1), found + 1))
        if isinstance(action, Wait):
            now += action.seconds
        event = data.draw(outcomes(action, found))
        done = step(state, event, At(now, data.draw(st.floats(0, 1))), PACE)
        check_action(done.state, done.action, now, found)
        check_change(state, done.state)
        assert len(done.said) <= 2
        state, action = done.state, done.action
        busy = 0 if isinstance(action, Wait) else busy + 1
        assert busy <= 8, "it comes to rest soon"


def test_a_kind_of_failure_is_told_once_until_it_is_over() -> None:
    state, told = begin(CHAIN, release(1), None, PACE, 0.0), 0
    for _ in range(10):
        done = step(state, Failed(Trouble("unreachable", "no answer")), At(0, 0.5), PACE)
        state, told = done.state, told + len(done.said)
    assert (told, state.failures) == (1, 10)
    done = step(state, Failed(Trouble("denied", "not you")), At(0, 0.5), PACE)
    assert len(done.said) == 1


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 30), (1, 30), (2, 60), (4, 240), (5, 300), (10_000, 300)]
)
def test_pauses_grow_and_are_bounded(failures: int, seconds: float) -> None:
    assert PACE.pause(failures, 0.5) == seconds


def test_someone_who_polls_once_a_day_is_not_asked_to_poll_more_often_after_a_failure() -> None:
    slow = Pace(every=86400.0)
    assert slow.pause(5, 0.5) == slow.retry(1) == 86400.0
    assert slow.look == 864000.0


def test_an_assignment_is_tried_again_within_the_hour() -> None:
    assert [PACE.retry(tries) for tries in (1, 2, 5, 6, 1000)] == [120, 240, 1920, 3600, 3600]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("m#prod#12", 12),
        ("m#prod#", 0),
        ("", 0),
        ("m#staging#3", 0),
        ("n#prod#3", 0),
        ("m#prod#x", 0),
        ("m#prod#٣", 0),
    ],
)
def test_only_an_assignment_of_this_alias_has_a_number(text: str, number: int) -> None:
    assert number_in(CHAIN, text) == number


def test_what_was_seen_comes_from_everything_that_is_known_of_this_alias() -> None:
    rejected = Rejected(f"{CHAIN}#7", "id-7", "2", 3, "exit 1")
    state = begin(CHAIN, release(5), Memory(release(5), rejected), PACE, 1000.0)
    assert state.seen == Seen(7, "id-7")
    assert state.rejected is not None
    assert state.rejected.due == 1000.0 + PACE.retry(3)
    other = replace(release(9), assignment="m#staging#9")
    assert begin(CHAIN, other, None, PACE, 0.0).seen is None


def test_an_older_release_that_a_person_put_there_counts() -> None:
    rejected = Rejected(f"{CHAIN}#7", "id-7", "2", 3, "exit 1")
    state = begin(CHAIN, release(4), Memory(release(6), rejected), PACE, 0.0)
    assert state.seen == Seen(4, "id-4")
