"""What is said of an assignment: ten facts within GitHub's limits, the same bytes each time, an id that Git knows."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import textwrap
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain import events
from modelmark.domain.history import Assignment, Origin
from modelmark.domain.tags import AssignmentTag
from modelmark.errors import InvalidInput
from tests.support.domain import MODEL, NOON, PROD, Story, moments, released, version

SOURCE = "https://github.com/acme/models"


def now(story: Story) -> Assignment:
    found = story.history().now(PROD)
    assert found is not None
    return found


def test_a_reviewed_assignment_says_who_asked_who_approved_and_why() -> None:
    one = now(released("1", "2"))
    asked = {**one.trailers, "Requested-By": "Ada <a@x>", "Approved-By": "Bob <b@x>, Cy <c@x>"}
    assert events.facts(replace(one, trailers=asked)) == {
        "model": "nlp-sentiment",
        "alias": "prod",
        "version": "2",
        "previous": "1",
        "requested_by": "Ada <a@x>",
        "approved_by": "Bob <b@x>, Cy <c@x>",
        "reason": "better on short texts",
        "tag": "nlp-sentiment#prod#2",
        "number": 2,
        "id": one.oid,
    }


def test_a_rollback_by_hand_was_asked_for_by_who_made_the_tag_and_approved_by_nobody() -> None:
    story = released("1", "2")
    story.by_hand("1")
    found = events.facts(now(story))
    assert (found["requested_by"], found["approved_by"]) == ("Ada <ada@example.org>", None)
    assert (found["version"], found["previous"], found["reason"]) == ("1", "2", "latency regression")


def test_an_alias_that_means_nothing_has_no_version() -> None:
    story = released("1")
    assert events.facts(now(story))["previous"] is None
    story.assign(None)
    assert events.facts(now(story))["version"] is None


@given(st.text(max_size=50), st.integers(1, 200))
def test_the_payload_is_within_githubs_limits_whatever_people_write(text: str, times: int) -> None:
    long = (text or "\U0001f600") * times * 20
    one = now(released("1"))
    trailers = {"Requested-By": long, "Approved-By": long}
    name = AssignmentTag(MODEL, PROD, 999_999_999)
    found = events.facts(replace(one, tag=name, reason=long, trailers=trailers))
    assert len(found) <= 10
    assert len(json.dumps(found)) <= 65_535
    if len(long) > 1_000:
        assert str(found["reason"]).endswith("…")


def test_the_longest_payload_is_within_githubs_limits() -> None:
    long = "\U0001f600" * 5_000
    trailers = {"Requested-By": long, "Approved-By": long}
    found = events.facts(replace(now(released("1")), reason=long, trailers=trailers))
    assert 30_000 < len(json.dumps(found)) <= 65_535


def test_a_cloud_event_has_what_the_specification_asks_for() -> None:
    one = now(released("1", "2"))
    body = events.cloud_event(one, SOURCE)
    assert body == events.cloud_event(one, SOURCE)
    assert body.isascii()
    assert json.loads(body) == {
        "specversion": "1.0",
        "id": one.oid,
        "source": SOURCE,
        "type": "dev.modelmark.assignment.v1",
        "subject": "nlp-sentiment#prod#2",
        "time": "2026-01-02T12:00:00+00:00",
        "datacontenttype": "application/json",
        "data": events.facts(one),
    }


@given(moments)
def test_its_time_is_the_tags_in_rfc_3339(at: object) -> None:
    one = replace(now(released("1")), at=at)  # type: ignore[arg-type]
    assert json.loads(events.cloud_event(one, ""))["time"] == one.at.isoformat(timespec="seconds")


def test_the_signature_is_of_the_bytes() -> None:
    found = events.signature("s3cret", b"body")
    assert found == "sha256=" + hmac.new(b"s3cret", b"body", hashlib.sha256).hexdigest()
    assert found != events.signature("s3cret", b"body ")
    assert found != events.signature("other", b"body")


@pytest.mark.parametrize(
    ("address", "source"),
    [
        (SOURCE, SOURCE),
        (
            "https://ada:t0ken@git.example.org:8443/acme/models.git?x=1#y",
            "https://git.example.org:8443/acme/models.git",
        ),
        ("ssh://git@example.org/my models.git", "ssh://example.org/my%20models.git"),
        ("http://[::1]:80/m", "http://[::1]:80/m"),
        ("git@example.org:acme/models.git", "urn:modelmark:6f0c%201"),
        ("../hub.git", "urn:modelmark:6f0c%201"),
        ("file:///srv/hub.git", "urn:modelmark:6f0c%201"),
        ("https://[", "urn:modelmark:6f0c%201"),
        ("", "urn:modelmark:6f0c%201"),
    ],
)
def test_its_source_is_the_registrys_address_without_a_login_or_else_its_id(
    address: str, source: str
) -> None:
    assert events.source_of(address, "6f0c 1") == source


@pytest.mark.parametrize(("hours", "recent"), [(0, True), (7 * 24, True), (7 * 24 + 1, False), (-24, True)])
def test_a_tag_is_recent_for_some_days_and_one_from_the_future_always(hours: int, recent: bool) -> None:
    assert events.is_recent(now(released("1")), NOON + timedelta(hours=hours), 7) is recent


def test_what_is_remembered_is_told_apart_by_channel_model_alias_and_number() -> None:
    assert events.remembered_as("webhook", AssignmentTag(MODEL, PROD, 13)) == (
        "registry/announced/webhook nlp-sentiment#prod#13"
    )


@pytest.mark.parametrize("name", ["registry-tag.yml", "a.yaml"])
def test_a_workflow_is_named_by_its_file(name: str) -> None:
    assert events.parse_workflow(name) == name


@pytest.mark.parametrize("name", ["", "x", "../x.yml", "a/b.yml", ".yml", "a.yml\n", "a b.yml", "x.yml?y"])
def test_another_name_is_no_workflow(name: str) -> None:
    with pytest.raises(InvalidInput, match="is not the name of a workflow's file"):
        events.parse_workflow(name)


def test_every_origin_has_the_same_ten_facts() -> None:
    story = released("1", "2")
    keys = list(events.facts(now(story)))
    story.rollback("1")
    assert now(story).origin is Origin.ROLLBACK
    assert list(events.facts(now(story))) == keys
    assert version("1") == now(story).version


# --- docs/events.md -----------------------------------------------------------------------------------------------

PAGE = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"(?m)^( *)```{language}\n(.*?)^\1```$", PAGE, re.DOTALL)
    assert found is not None
    return textwrap.dedent(found[2])


def test_the_page_shows_what_is_sent() -> None:
    shown, sent = json.loads(block("json")), json.loads(events.cloud_event(now(released("1")), SOURCE))
    assert list(shown) == list(sent)
    assert list(shown["data"]) == list(sent["data"])
    assert {key: shown[key] for key in ("specversion", "type", "source")} == {
        key: sent[key] for key in ("specversion", "type", "source")
    }
    assert f"type `{events.DISPATCH}`" in PAGE
    assert events.remembered_as("webhook", AssignmentTag(MODEL, PROD, 12)) in PAGE


def test_a_receiver_that_does_as_the_page_says_takes_ours_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = block("python")
    assert len(code.splitlines()) <= 10
    names: dict[str, Callable[[bytes, dict[str, str]], object]] = {}
    exec(code, names)
    monkeypatch.setenv("MODELMARK_WEBHOOK_SECRET", "s3cret")
    body = events.cloud_event(now(released("1")), SOURCE)
    right = events.signature("s3cret", body)
    assert names["read_event"](body, {events.SIGNATURE: right}) == json.loads(body)
    wrong = [(body + b" ", right), (body, events.signature("other", body)), (body, "é"), (body, "")]
    for data, header in wrong:
        with pytest.raises(PermissionError):
            names["read_event"](data, {events.SIGNATURE: header})
