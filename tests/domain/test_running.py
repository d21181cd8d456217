"""What runs against what is declared."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from modelmark.domain.deployments import Deployment, Place
from modelmark.domain.history import ModelHistory
from modelmark.domain.names import AliasName
from modelmark.domain.running import Standing, judge
from tests.support.desk import NOON, PROD, STAGING, Desk, M, v

EU = Place(M, PROD, "eu-1")
PATIENCE = timedelta(hours=24)


@pytest.fixture
def history(tmp_path: Any) -> ModelHistory:
    """prod meant 1 (#1), 2 (#2) and 3 (#3), an hour apart; 4 is registered and was never live."""
    desk = Desk.new(tmp_path)
    for version in ("1", "2", "3"):
        desk.live(version)
        desk.wait(1)
    desk.registered("4")
    return desk.history()


def running(history: ModelHistory, version: str, number: int | None = None, **other: Any) -> Deployment:
    found = history.versions[v(version)]
    by = None
    if number is not None:
        by = next((one.tag.number, one.oid) for one in history.aliases[PROD] if one.tag.number == number)
    made = Deployment(EU, v(version), found.oid, by, found.manifest_sha256, True, "web-1", NOON, "https://x")
    return replace(made, **other)


def test_what_is_declared_and_verified_agrees(history: ModelHistory) -> None:
    found = judge(running(history, "3", 3), history, NOON, PATIENCE)
    assert (found.standing, found.behind, found.declared, found.why) == (Standing.AGREES, 0, v("3"), "")


def test_an_environment_is_behind_by_the_assignments_since_its_own(history: ModelHistory) -> None:
    found = judge(running(history, "1", 1), history, NOON, PATIENCE)
    assert (found.standing, found.behind) == (Standing.BEHIND, 2)
    assert judge(running(history, "2", 2), history, NOON, PATIENCE).behind == 1


def test_behind_turns_into_silent_when_the_first_change_it_missed_should_have_arrived(
    history: ModelHistory,
) -> None:
    missed = history.aliases[PROD][1].at
    for late, standing in ((timedelta(), Standing.BEHIND), (timedelta(seconds=1), Standing.SILENT)):
        assert (
            judge(running(history, "1", 1), history, missed + PATIENCE + late, PATIENCE).standing is standing
        )


def test_what_nobody_verified_says_so_and_is_still_behind_first(history: ModelHistory) -> None:
    assert (
        judge(running(history, "3", 3, verified=False), history, NOON, PATIENCE).standing
        is Standing.UNVERIFIED
    )
    behind = judge(running(history, "2", 2, verified=False), history, NOON, PATIENCE)
    assert (behind.standing, behind.verified) == (Standing.BEHIND, False)


@pytest.mark.parametrize(
    ("version", "changes", "why"),
    [
        ("4", {}, "prod never meant version 4"),
        ("3", {"version": v("9")}, "m@9 is not registered"),
        ("3", {"tag_id": "0" * 40}, "another object"),
        ("3", {"manifest_sha256": "0" * 64}, "another SHA-256"),
        ("3", {"assignment": (3, "0" * 40)}, "m#prod#3 is not the one"),
        ("3", {"place": replace(EU, alias=AliasName("shadow"))}, "shadow never meant"),
    ],
)
def test_what_the_tags_never_declared_is_told_with_its_reason(
    history: ModelHistory, version: str, changes: dict[str, Any], why: str
) -> None:
    found = judge(replace(running(history, version), **changes), history, NOON, PATIENCE)
    assert found.standing is Standing.UNDECLARED
    assert why in found.why


def test_a_version_that_came_back_agrees_though_an_older_assignment_brought_it(tmp_path: Any) -> None:
    desk = Desk.new(tmp_path)
    desk.live("1", "2")
    before = desk.history()
    desk.by_hand("1")
    found = judge(running(before, "1", 1), desk.history(), NOON, PATIENCE)
    assert (found.standing, found.behind, found.declared) == (Standing.AGREES, 0, v("1"))


def test_behind_is_counted_from_the_last_time_that_the_alias_meant_it(tmp_path: Any) -> None:
    desk = Desk.new(tmp_path)
    desk.live("1", "2")
    desk.by_hand("1")
    desk.by_hand("2")
    found = judge(running(desk.history(), "1", 1), desk.history(), NOON, PATIENCE)
    assert (found.standing, found.behind) == (Standing.BEHIND, 1)


def test_another_alias_is_another_place(history: ModelHistory) -> None:
    made = replace(running(history, "3"), place=Place(M, STAGING, "eu-1"))
    assert judge(made, history, NOON, PATIENCE).standing is Standing.AGREES
