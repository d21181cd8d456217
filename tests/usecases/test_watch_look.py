"""One look at a registry: each question is asked once, and what does not count is told beside what does."""

from __future__ import annotations

import pytest

from modelmark.domain.history import Assignment
from modelmark.domain.references import ByAlias
from modelmark.usecases.resolve import resolve
from modelmark.usecases.watch_look import OneLook, newest_number, what_counts
from tests.support.desk import PROD, Desk, M
from tests.support.watching import FakeSource

CHAIN = "m#prod"


@pytest.fixture
def source(desk: Desk) -> FakeSource:
    desk.live("1")
    return FakeSource(desk)


def look(source: FakeSource) -> tuple[OneLook, Assignment]:
    one = OneLook(source)
    found = resolve(one, ByAlias(M, PROD)).assignment
    assert found is not None
    return one, found


def test_a_question_is_asked_once_however_the_registry_changes_meanwhile(
    desk: Desk, source: FakeSource
) -> None:
    one, first = look(source)
    asked = len(source.asked)
    desk.live("2")
    assert resolve(one, ByAlias(M, PROD)).assignment == first
    assert len(source.asked) == asked
    assert resolve(OneLook(source), ByAlias(M, PROD)).version != first.version


def test_what_is_newest_counts_and_nothing_is_said(source: FakeSource) -> None:
    one, last = look(source)
    found = what_counts(last, one, CHAIN)
    assert (found.number, found.oid, found.newest, found.ignored) == (1, last.oid, 1, "")


def test_a_tag_above_that_does_not_count_is_the_newest_and_is_told(desk: Desk, source: FakeSource) -> None:
    desk.refs[f"refs/tags/{CHAIN}#2"] = desk.refs[f"refs/tags/{CHAIN}#1"]
    one, last = look(source)
    assert newest_number(one, CHAIN) == 2
    found = what_counts(last, one, CHAIN)
    assert (found.number, found.newest) == (1, 2)
    assert found.ignored.startswith(f"{CHAIN}#2 does not count: ")
    assert f"{CHAIN}#1 stays" in found.ignored
