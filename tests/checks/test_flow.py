"""A version reaches an alias in the order and after the time that the policy sets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from modelmark.checks.flow import check
from modelmark.domain.change import Candidate
from modelmark.domain.policy import AliasRule, Card, Stage, Way
from tests.support.candidates import ALIASES, candidate, found, hints, move, policy
from tests.support.domain import MODEL, NOON, PROD, STAGING, Story

AT = f"error {ALIASES}:7"


def soaked(hours: float, story: Story | None = None, *, soak: float = 24, approvals: int = 0) -> Candidate:
    """Version 1 asks for prod, after some hours in staging since noon."""
    if story is None:
        story = Story()
        story.register("1")
        story.assign("1", STAGING)
    rule = AliasRule(Stage.PRODUCTION, after=(STAGING,), soak_hours=soak, approvals=approvals)
    rules = policy({STAGING: AliasRule(), PROD: rule})
    return candidate(moves=[move("1", PROD, 1)], story=story, rules=rules, at=NOON + timedelta(hours=hours))


def test_a_version_that_has_soaked_passes() -> None:
    assert found(check, soaked(24)) == []


def test_a_version_that_never_held_the_alias_before_is_refused_with_the_command() -> None:
    story = Story()
    story.register("1")
    assert found(check, soaked(0, story)) == [
        f"{AT} nlp-sentiment@1 has never held staging, which comes before prod"
    ]
    assert hints(check, soaked(0, story)) == ["modelmark promote nlp-sentiment@1 --to staging --reason …"]


def test_a_version_that_soaks_is_told_how_long_still() -> None:
    assert found(check, soaked(20.5)) == [
        f"{AT} nlp-sentiment@1 has held staging for 20.5 hours, prod asks for 24"
    ]
    assert hints(check, soaked(20.5)) == ["it counts on: run the check again in 3.6 hours"]


def test_almost_a_day_does_not_read_as_a_day() -> None:
    assert "for 23.9 hours, prod asks for 24" in found(check, soaked(23.99))[0]


def test_a_version_that_left_too_early_is_told_that_waiting_does_not_help() -> None:
    story = Story()
    story.register("1")
    story.register("2")
    story.assign("1", STAGING)
    story.at = NOON + timedelta(hours=2)
    story.assign("2", STAGING)
    assert found(check, soaked(100, story)) == [
        f"{AT} nlp-sentiment@1 has held staging for 2.0 hours, prod asks for 24"
    ]
    assert hints(check, soaked(100, story)) == [
        "it left staging too early: promote it to staging again, and leave it there"
    ]


def test_without_a_soak_the_order_alone_counts() -> None:
    assert found(check, soaked(0, soak=0)) == []


def test_the_clock_of_who_merges_may_be_late_where_no_time_is_asked_for() -> None:
    assert found(check, soaked(-0.1, soak=0)) == []
    assert "for 0.0 hours, prod asks for 1" in found(check, soaked(-0.1, soak=1))[0]


def test_what_is_true_already_or_unassigned_is_not_judged() -> None:
    story = Story()
    story.register("1")
    story.assign("1", PROD)
    assert found(check, soaked(0, story)) == []
    assert found(check, candidate(moves=[move(None, PROD, 1)])) == []


def test_approvals_are_said_in_a_note_with_those_who_may_give_them() -> None:
    owned = Card(MODEL, owners=("ada@example.org", "team\u202e"))
    value = replace(soaked(24, approvals=2), cards={MODEL: owned})
    assert found(check, value) == [
        f"note {ALIASES}:7 prod asks for 2 approvals by owners of nlp-sentiment ('ada@example.org', 'team\\u202e') "
        "other than who asked"
    ]


def asks_for_one(way: Way, *owners: str) -> Candidate:
    value = soaked(24, approvals=1)
    return replace(value, policy=replace(value.policy, promotion=way, owners=owners))


def test_what_nobody_owns_nobody_can_approve_and_that_is_a_warning_with_its_mend() -> None:
    value = asks_for_one(Way.PULL_REQUEST)
    words = "prod asks for 1 approval by owners, and nobody owns nlp-sentiment"
    assert found(check, value) == [f"warning {ALIASES}:7 {words}: on GitHub nobody can approve it"]
    assert found(check, replace(value, cards={})) == found(check, value)
    assert hints(check, value) == [
        "name owners in registry.yaml or models/nlp-sentiment/model.yaml, and run `modelmark codeowners`"
    ]
    assert found(check, asks_for_one(Way.DIRECT)) == [f"note {ALIASES}:7 {words}"]


def test_where_a_model_names_no_owners_the_registrys_own_it() -> None:
    assert found(check, asks_for_one(Way.PULL_REQUEST, "@ada")) == [
        f"note {ALIASES}:7 prod asks for 1 approval by owners of the registry ('@ada') other than who asked"
    ]
