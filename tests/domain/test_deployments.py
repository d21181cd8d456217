"""What runs against what is declared; and records as strangers may have written them."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.deployments import (
    Deployment,
    Place,
    Standing,
    cloud_event,
    event_id,
    host_name,
    judge,
    parse_deployment,
    parse_env,
    parse_path,
    write_deployment,
)
from modelmark.domain.history import ModelHistory
from modelmark.domain.names import AliasName
from modelmark.errors import InvalidInput, ModelmarkError
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


def test_the_same_release_is_the_same_whoever_says_it_when(history: ModelHistory) -> None:
    made = running(history, "3", 3)
    later = replace(made, host="web-2", at=NOON + timedelta(hours=1), registry="elsewhere", assignment=None)
    assert made.same_release(later)
    for changed in ({"verified": False}, {"tag_id": "0" * 40}, {"place": replace(EU, env="eu-2")}):
        assert not made.same_release(replace(made, **changed))
    assert event_id(made) == event_id(replace(later, assignment=made.assignment))
    assert event_id(made) != event_id(replace(made, assignment=(9, "0" * 40))), (
        "it came back by another assignment"
    )


def test_a_record_is_read_as_it_was_written(history: ModelHistory) -> None:
    for made in (running(history, "3", 3), running(history, "2", verified=False, registry="ünï\x1b[2J")):
        data = write_deployment(made)
        assert data.isascii()
        assert parse_deployment(json.loads(data), EU) == made
        event = json.loads(cloud_event(made))
        assert (event["data"], event["type"]) == (json.loads(data), "dev.modelmark.deployment.v1")


GOOD: dict[str, Any] = {
    "record": 1,
    "model": "m",
    "alias": "prod",
    "env": "eu-1",
    "version": "3",
    "tag": "m@v3",
    "tag_id": "1" * 40,
    "assignment": "m#prod#3",
    "assignment_id": "2" * 40,
    "manifest_sha256": "3" * 64,
    "verified": True,
    "host": "web-1",
    "at": "2026-01-02T12:00:00Z",
    "registry": "https://x",
}


@pytest.mark.parametrize(
    "change",
    [
        {"record": 2},
        {"record": True},
        {"record": 1.0},
        {"record": "1"},
        {"model": "n"},
        {"alias": "staging"},
        {"env": "us-2"},
        {"version": "03"},
        {"tag": "m@v4"},
        {"tag_id": "--upload-pack=x"},
        {"assignment": "m#staging#3"},
        {"assignment": "m@v3"},
        {"assignment": None},
        {"assignment_id": None},
        {"manifest_sha256": "3" * 63},
        {"verified": "true"},
        {"verified": 1},
        {"host": "-x"},
        {"host": "a\x1b[2J"},
        {"host": None},
        {"at": "2026-01-02"},
        {"at": 1},
        {"registry": "x" * 401},
        {"note": "more"},
        {"env": ["eu-1"]},
    ],
)
def test_a_record_of_another_form_is_refused(change: dict[str, Any]) -> None:
    assert parse_deployment(GOOD, EU)
    with pytest.raises(InvalidInput):
        parse_deployment({**GOOD, **change}, EU)
    if next(iter(change)) in GOOD:
        with pytest.raises(InvalidInput):
            parse_deployment({key: value for key, value in GOOD.items() if key not in change}, EU)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda one: st.lists(one) | st.dictionaries(st.sampled_from([*GOOD]), one),
    )
)
def test_no_json_at_all_does_more_than_be_refused(value: Any) -> None:
    for tried in (value, {**GOOD, **value} if isinstance(value, dict) else value):
        with suppress(ModelmarkError):
            parse_deployment(tried, EU)


def test_a_path_says_the_place_and_the_number() -> None:
    assert parse_path(EU.path(7)) == (EU, 7)
    for path in (
        "m/prod/eu-1/07.json",
        "m/prod/eu-1/0.json",
        "M/prod/eu-1/1.json",
        "m/prod/1.json",
        "m/prod/../1.json",
    ):
        assert parse_path(path) is None
    with pytest.raises(InvalidInput, match="has the number 999999999"):
        EU.path(1_000_000_000)


def test_environments_have_names_that_are_safe_in_a_path() -> None:
    for text in ("eu-1", "k8s.prod_2", "a", "a" * 63):
        assert parse_env(text) == text
    for text in ("", "EU", "-eu", "eu-", ".", "..", "a/b", "a" * 64, "eu 1"):
        with pytest.raises(InvalidInput):
            parse_env(text)
    assert (host_name("web-1.example.org"), host_name("a b"), host_name("")) == (
        "web-1.example.org",
        "unknown",
        "unknown",
    )


def test_another_alias_is_another_place(history: ModelHistory) -> None:
    made = replace(running(history, "3"), place=Place(M, STAGING, "eu-1"))
    assert judge(made, history, NOON, PATIENCE).standing is Standing.AGREES
