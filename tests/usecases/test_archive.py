"""Taking a version out of use, never while somebody relies on it."""

from __future__ import annotations

import pytest

from modelmark.domain.references import ByVersion
from modelmark.errors import InvalidInput, Lost, NotFound, Refused
from modelmark.usecases.archive import archive
from modelmark.usecases.submit import Submitted
from tests.support.desk import STAGING, Desk, M, v


def put_away(
    desk: Desk, version: str, replaced_by: str | None = None, reason: str = "withdrawn data"
) -> Submitted:
    return archive(desk.workspace, ByVersion(M, v(version)), reason, v(replaced_by) if replaced_by else None)


def test_it_writes_one_file_that_says_why_who_and_by_what(desk: Desk) -> None:
    desk.registered("1")
    desk.registered("2")
    sent = put_away(desk, "1", "2")
    assert sent.branch == "archive/m-1"
    text = desk.file("models/m/1/archived.yaml", sent.commit)
    for line in (
        "reason: withdrawn data",
        "by: Ada <ada@example.org>",
        'replaced_by: "2"',
        'at: "2026-01-02T12:00:00Z"',
    ):
        assert line in text
    desk.accept(sent.branch)


def test_it_is_refused_while_an_alias_holds_the_version(desk: Desk) -> None:
    desk.live("1")
    with pytest.raises(Refused, match=r"m@1 is held by prod, staging") as caught:
        put_away(desk, "1")
    assert "promote another version first" in caught.value.hint


def test_it_is_refused_while_a_merged_change_asks_for_the_version(desk: Desk) -> None:
    desk.registered("1")
    desk.merge(desk.promote("1", STAGING).submitted.branch)
    with pytest.raises(Refused, match=r"m@1 is held by staging"):
        put_away(desk, "1")


def test_it_happens_once(desk: Desk) -> None:
    desk.registered("1")
    desk.accept(put_away(desk, "1").branch)
    with pytest.raises(Refused, match=r"m@1 is archived already") as caught:
        put_away(desk, "1")
    assert caught.value.hint == "modelmark show m@1"


def test_the_same_request_again_is_found_on_its_branch(desk: Desk) -> None:
    desk.registered("1")
    put_away(desk, "1")
    desk.wait(1)
    assert put_away(desk, "1").already


def test_another_reason_is_not_passed_off_as_the_request_that_is_there(desk: Desk) -> None:
    desk.registered("1")
    put_away(desk, "1")
    with pytest.raises(Lost, match=r"archive/m-1 exists on origin with another change"):
        put_away(desk, "1", reason="somebody else's data")


def test_a_version_that_is_not_registered_is_refused(desk: Desk) -> None:
    desk.registered("1")
    with pytest.raises(NotFound, match=r"m@2 is not registered"):
        put_away(desk, "2")
    with pytest.raises(NotFound, match=r"m@3 is not registered"):
        put_away(desk, "1", "3")


def test_a_version_is_not_replaced_by_itself(desk: Desk) -> None:
    desk.registered("1")
    with pytest.raises(InvalidInput, match=r"m@1 cannot be replaced by itself"):
        put_away(desk, "1", "1")


def test_it_needs_a_reason(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match=r"the reason is empty"):
        put_away(desk, "1", reason=" ")
