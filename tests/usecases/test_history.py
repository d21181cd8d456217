"""What was live, when, by whom and why, and what needs a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from modelmark.domain.plan import State
from modelmark.errors import NotFound
from modelmark.usecases.history import history
from tests.support.desk import NOON, PREV, PROD, STAGING, Desk, M, v


def test_history_is_newest_first_with_every_alias(desk: Desk) -> None:
    desk.live("1")
    desk.wait(1)
    desk.live("2")
    desk.wait(1)
    desk.by_hand("1")
    desk.sync()
    past = history(desk.workspace, M, PROD, None)
    assert [(one.tag.number, one.version, str(one.origin)) for one in past.assignments] == [
        (3, v("1"), "rollback"),
        (2, v("2"), "reviewed"),
        (1, v("1"), "reviewed"),
    ]
    assert [(one.alias, one.state) for one in past.states] == [(PROD, State.BEHIND)]
    assert {one.tag.alias for one in history(desk.workspace, M, None, None).assignments} == {
        PROD,
        STAGING,
        PREV,
    }


def test_history_of_a_day_says_what_was_live_then(desk: Desk) -> None:
    desk.live("1")
    desk.wait(24)
    desk.live("2")
    desk.sync()
    for hours, version in ((1, "1"), (25, "2")):
        past = history(desk.workspace, M, PROD, NOON + timedelta(hours=hours))
        assert [str(one.version) for one in past.assignments] == [version]
    assert history(desk.workspace, M, PROD, NOON - timedelta(hours=1)).assignments == ()


def test_history_works_while_the_file_is_broken_and_says_so(desk: Desk) -> None:
    desk.live("1")
    desk.commit({"models/m/aliases.yaml": b"prod: [broken"})
    desk.sync()
    past = history(desk.workspace, M, PROD, None)
    assert [str(one.version) for one in past.assignments] == ["1"]
    assert ["models/m/aliases.yaml:1" in one for one in past.bad] == [True]


def test_history_of_what_was_never_assigned_is_not_found(desk: Desk) -> None:
    desk.registered("1")
    desk.sync()
    with pytest.raises(NotFound, match=r"prod of m was never assigned") as caught:
        history(desk.workspace, M, PROD, None)
    assert caught.value.hint == "modelmark list m"
    with pytest.raises(NotFound, match=r"an alias of m was never assigned"):
        history(desk.workspace, M, None, None)
