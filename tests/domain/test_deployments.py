"""Records as we write them, and as strangers may have written them."""

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
    cloud_event,
    event_id,
    host_name,
    parse_deployment,
    parse_env,
    parse_path,
    write_deployment,
)
from modelmark.errors import InvalidInput, ModelmarkError
from tests.support.desk import NOON, PROD, M, v

EU = Place(M, PROD, "eu-1")
MADE = Deployment(EU, v("3"), "1" * 40, (3, "2" * 40), "3" * 64, True, "web-1", NOON, "https://x")


def test_the_same_release_is_the_same_whoever_says_it_when() -> None:
    made = MADE
    later = replace(made, host="web-2", at=NOON + timedelta(hours=1), registry="elsewhere", assignment=None)
    assert made.same_release(later)
    for changed in ({"verified": False}, {"tag_id": "0" * 40}, {"place": replace(EU, env="eu-2")}):
        assert not made.same_release(replace(made, **changed))
    assert event_id(made) == event_id(replace(later, assignment=made.assignment))
    assert event_id(made) != event_id(replace(made, assignment=(9, "0" * 40))), (
        "it came back by another assignment"
    )


def test_a_record_is_read_as_it_was_written() -> None:
    for made in (MADE, replace(MADE, assignment=None, verified=False, registry="ünï\x1b[2J")):
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
