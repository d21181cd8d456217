from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.aliases import Desired
from modelmark.domain.history import ModelHistory
from modelmark.domain.names import AliasName
from modelmark.domain.plan import (
    State,
    VersionEvidence,
    assignment_message,
    compare,
    rollback_target,
    version_message,
)
from modelmark.domain.tags import NONE, AssignmentTag, VersionTag, parse_message
from modelmark.errors import Refused
from tests.support.domain import (
    MODEL,
    PROD,
    REGISTRY_ID,
    STAGING,
    Action,
    Story,
    actions,
    object_id,
    play,
    released,
    version,
    versions,
)


def state(story: Story, text: str | None, number: int) -> State:
    return compare(Desired(version(text) if text else None, number, "why"), story.history(), PROD)


# --- desired against observed: the table of DESIGN.md, section 4 --------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [
        ("1", 3, State.WAITS),
        ("2", 3, State.WAITS),
        ("9", 3, State.WAITS),
        (None, 3, State.WAITS),
        ("2", 2, State.DONE),
        ("1", 2, State.CONFLICT),
        (None, 2, State.CONFLICT),
        ("1", 1, State.BEHIND),
        ("2", 4, State.GAP),
        ("1", 40, State.GAP),
    ],
)
def test_with_two_assignments_observed(text: str | None, number: int, expected: State) -> None:
    assert state(released("1", "2"), text, number) is expected


@pytest.mark.parametrize(("number", "expected"), [(1, State.WAITS), (2, State.GAP)])
def test_with_nothing_observed(number: int, expected: State) -> None:
    story = Story()
    story.register("1")
    assert state(story, "1", number) is expected


@pytest.mark.parametrize("how", ["by_hand", "rollback"])
def test_a_file_is_behind_after_a_rollback_until_it_is_recorded(how: str) -> None:
    story = released("1", "2")
    getattr(story, how)("1")
    assert state(story, "2", 2) is State.BEHIND
    assert state(story, "1", 3) is State.DONE
    assert state(story, "2", 3) is State.CONFLICT


def test_an_alias_that_means_nothing_is_done_where_the_file_says_so() -> None:
    story = released("1")
    story.assign(None)
    assert state(story, None, 2) is State.DONE
    assert state(story, "1", 2) is State.CONFLICT


def test_a_planted_number_is_no_reason_to_record_anything() -> None:
    story = released("1", "2")
    story.put_bytes("nlp-sentiment#prod#3", None)
    assert state(story, "2", 2) is State.DONE
    assert state(story, "1", 1) is State.BEHIND


@pytest.mark.parametrize("text", ["1", "9", None])
def test_a_number_that_somebody_else_used_up_is_a_conflict(text: str | None) -> None:
    story = released("1", "2")
    story.put_bytes("nlp-sentiment#prod#3", None)
    assert state(story, text, 3) is State.CONFLICT
    assert state(story, text, 4) is State.WAITS
    assert state(story, text, 5) is State.GAP


def test_aliases_are_compared_each_with_its_own_tags() -> None:
    story = released("1", "2")
    wish = Desired(version("1"), 1, "why")
    assert compare(wish, story.history(), STAGING) is State.WAITS


@given(actions, st.none() | versions, st.integers(1, 20))
def test_only_the_next_number_waits_and_only_what_is_observed_is_done(
    wanted: list[Action], one: object, number: int
) -> None:
    history = play(wanted)[0].history()
    now = history.now(PROD)
    wish = Desired(one, number, "why")  # type: ignore[arg-type]
    found = compare(wish, history, PROD)
    assert (found is State.WAITS) == (number == history.observed(PROD) + 1)
    assert (found is State.GAP) == (number > history.observed(PROD) + 1)
    if now is not None:
        assert compare(Desired(now.version, now.tag.number, ""), history, PROD) is State.DONE


# --- messages -----------------------------------------------------------------------------------------------------


def test_the_message_of_a_version_pins_what_the_version_is() -> None:
    evidence = VersionEvidence("a" * 40, "b" * 64, "c" * 32 + ".dir")
    message = version_message(REGISTRY_ID, VersionTag(MODEL, version("7")), evidence)
    assert message.trailers == {
        "Registry": REGISTRY_ID,
        "Manifest": "a" * 40,
        "Manifest-SHA256": "b" * 64,
        "Artifacts": "c" * 32 + ".dir",
    }
    assert parse_message(str(message)) == message


def test_the_message_of_an_assignment_names_its_version_and_the_one_before_by_object_id() -> None:
    story = released("1", "2")
    origin = {"Requested-By": "Ada <ada@example.org>", "Pull-Request": "https://example.org/7"}
    wish = Desired(version("1"), 3, "latency regression")
    message = assignment_message(REGISTRY_ID, AssignmentTag(MODEL, PROD, 3), wish, story.history(), origin)
    assert message.subject == "nlp-sentiment prod means 1"
    assert message.reason == "latency regression"
    assert message.trailers == {
        "Registry": REGISTRY_ID,
        "Version": "1",
        "Version-Tag": story.tags["nlp-sentiment@v1"].oid,
        "Previous-Version": "2",
        "Previous-Tag": story.tags["nlp-sentiment#prod#2"].oid,
        **origin,
    }
    assert parse_message(str(message)) == message


def test_the_first_assignment_and_one_to_nothing_say_none() -> None:
    tag = AssignmentTag(MODEL, PROD, 1)
    message = assignment_message(REGISTRY_ID, tag, Desired(None, 1, "why"), ModelHistory(), {})
    assert message.subject == "nlp-sentiment prod means nothing"
    assert {key: value for key, value in message.trailers.items() if key != "Registry"} == dict.fromkeys(
        ("Version", "Version-Tag", "Previous-Version", "Previous-Tag"), NONE
    )


def test_an_assignment_names_the_tag_before_it_even_where_that_does_not_count() -> None:
    story = released("1", "2")
    planted = story.put_bytes("nlp-sentiment#prod#3", None)
    wish = Desired(version("1"), 4, "why")
    message = assignment_message(REGISTRY_ID, AssignmentTag(MODEL, PROD, 4), wish, story.history(), {})
    assert message.trailers["Previous-Tag"] == planted.oid
    assert message.trailers["Previous-Version"] == "2"


# --- where a rollback goes ----------------------------------------------------------------------------------------


def back(story: Story, wanted: str | None = None, alias: AliasName = PROD) -> str:
    return str(rollback_target(MODEL, alias, story.history(), version(wanted) if wanted else None))


@pytest.mark.parametrize("how", ["by_hand", "rollback", "assign"])
def test_rolling_back_twice_goes_two_releases_back_and_never_to_the_bad_one(how: str) -> None:
    story = released("1", "2", "3")
    assert back(story) == "2"
    getattr(story, how)("2")
    assert back(story) == "1"
    getattr(story, how)("1")
    with pytest.raises(Refused, match="no reviewed assignment replaced another version by it"):
        back(story)


@pytest.mark.parametrize("how", ["by_hand", "rollback", "assign"])
def test_after_a_rollback_the_next_release_goes_back_to_what_was_live_before_it(how: str) -> None:
    story = released("1", "2", "3")
    getattr(story, how)("2")
    story.register("4")
    story.assign("4")
    assert back(story) == "2"
    getattr(story, how)("2")
    assert back(story) == "1"


def test_a_version_that_is_released_again_goes_back_to_what_it_replaced_last() -> None:
    story = released("1", "2", "3")
    story.by_hand("2")
    story.register("4")
    story.assign("4")
    story.assign("3")
    assert back(story) == "4"


def test_the_same_version_assigned_again_is_no_release_of_its_own() -> None:
    story = released("1", "2")
    story.assign("2")
    assert back(story) == "1"


def test_an_alias_that_means_nothing_goes_back_to_what_it_meant() -> None:
    story = released("1", "2")
    story.assign(None)
    assert back(story) == "2"


@given(st.lists(st.integers(1, 5), min_size=1, max_size=12), st.integers(0, 2**12))
def test_going_back_again_and_again_ends_and_visits_no_version_twice(texts: list[int], reviewed: int) -> None:
    story = Story()
    for text in range(1, 6):
        story.register(str(text))
    for text in texts:
        story.assign(str(text))
    visited = [str(texts[-1])]
    for step in range(len(texts) + 1):
        try:
            visited.append(back(story))
        except Refused:
            break
        (story.assign if reviewed >> step & 1 else story.by_hand)(visited[-1])
        assert not story.history().bad
    else:
        pytest.fail("it never ends")
    assert len(visited) == len(set(visited))


def test_a_named_version_must_have_held_the_alias_and_not_hold_it_now() -> None:
    story = released("1", "2", "3")
    story.register("4")
    assert back(story, "1") == "1"
    assert back(story, "2") == "2"
    with pytest.raises(Refused, match="is already 3"):
        back(story, "3")
    with pytest.raises(Refused, match="never held prod") as caught:
        back(story, "4")
    assert caught.value.hint == "it held: 1, 2, 3"


def test_whoever_rolls_back_second_is_told_who_was_first_and_is_not_offered_what_is_live() -> None:
    story = released("1", "2")
    story.by_hand("1")
    with pytest.raises(Refused) as caught:
        back(story)
    assert caught.value.hint == "if another one is meant, name it with --to; it has also held: 2"
    assert "is 1 since 'Ada' rolled it back at 2026-01-02 12:00 UTC ('latency regression')" in str(
        caught.value
    )


def test_an_alias_that_was_never_assigned_cannot_be_rolled_back() -> None:
    with pytest.raises(Refused, match="has never had prod"):
        back(Story())
    with pytest.raises(Refused, match="has never had staging"):
        back(released("1", "2"), "1", STAGING)


def test_a_planted_tag_is_nothing_to_go_back_to() -> None:
    story = released("1", "2")
    story.register("3")
    story.by_hand("3")
    assert back(story) == "1"
    with pytest.raises(Refused, match="never held prod"):
        back(story, "3")


def test_what_an_assignment_says_of_itself_is_what_the_fold_says_of_it() -> None:
    story = released("1", "2")
    now = story.history().now(PROD)
    assert now is not None
    assert replace(now, trailers={}) != now
    assert now.trailers["Version-Tag"] == story.tags["nlp-sentiment@v2"].oid
    assert now.commit == object_id("merge of nlp-sentiment#prod#2")
