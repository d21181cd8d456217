"""A tag that somebody made by hand, past the approvals: what a forge can say of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from modelmark.domain.findings import Finding, Level
from modelmark.domain.history import Assignment
from modelmark.domain.names import AliasName
from modelmark.domain.references import parse_reference
from modelmark.usecases import state
from modelmark.usecases import unapproved as module
from modelmark.usecases.apply import apply
from modelmark.usecases.provenance import ForgeProvenance
from modelmark.usecases.unapproved import unapproved, unapproved_now
from modelmark.usecases.verify import Depth, verify
from tests.support.desk import PROD, STAGING, Desk
from tests.support.fake_reviews import FakeReviews, approve, guarded_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return guarded_desk(tmp_path)


@pytest.fixture
def forge(desk: Desk) -> FakeReviews:
    return FakeReviews(desk)


def now(desk: Desk, alias: AliasName = PROD) -> Assignment:
    found = desk.history().now(alias)
    assert found is not None
    return found


def found(desk: Desk, forge: FakeReviews | None, assignment: Assignment) -> list[Finding]:
    asked = ForgeProvenance(desk.git, desk.workspace.documents, lambda: forge)
    return list(unapproved(replace(desk.workspace, provenances=lambda: asked), assignment, Level.ERROR))


@pytest.fixture
def forged(desk: Desk) -> Assignment:
    """Somebody runs `apply` without counting, and pushes the tag."""
    apply(desk.workspace)
    return now(desk)


def test_a_tag_made_past_the_approvals_is_found(desk: Desk, forge: FakeReviews, forged: Assignment) -> None:
    (said,) = found(desk, forge, forged)
    assert said.level is Level.ERROR
    assert said.message.startswith(
        "the tag m#prod#1 was made without the approvals that its alias asks for: m#prod#1"
    )
    assert "modelmark rollback m --alias prod" in said.hint


def test_one_that_has_them_is_none(desk: Desk, forge: FakeReviews, forged: Assignment) -> None:
    approve(forge, "rita", "bob")
    assert found(desk, forge, forged) == []


def test_an_alias_that_asks_for_none_asks_nobody(desk: Desk, forge: FakeReviews) -> None:
    assert found(desk, forge, now(desk, STAGING)) == []
    assert forge.asked == []


def test_a_rollback_asks_nobody(desk: Desk, forge: FakeReviews, forged: Assignment) -> None:
    desk.registered("2")
    desk.promoted("2", STAGING)
    desk.promoted("2", PROD)
    desk.by_hand("1")
    forge.asked.clear()
    assert found(desk, forge, now(desk)) == []
    assert forge.asked == []


def test_without_a_token_it_says_that_nobody_could_count(desk: Desk, forged: Assignment) -> None:
    (said,) = found(desk, None, forged)
    assert "without a token nobody can count" in said.message


def test_an_audit_warns_of_what_is_live_and_asks_about_nothing_else(
    desk: Desk, forge: FakeReviews, forged: Assignment
) -> None:
    asked = ForgeProvenance(desk.git, desk.workspace.documents, lambda: forge)
    workspace = replace(desk.workspace, provenances=lambda: asked)
    main = state.find_main(workspace)
    (said,) = unapproved_now(workspace, main)
    assert (said.level, forge.asked.count("merged")) == (Level.WARNING, 1), "staging asks for none"
    approve(forge, "rita", "bob")
    assert list(unapproved_now(workspace, main)) == []


def test_of_very_many_it_says_that_it_did_not_ask_about_all(
    desk: Desk, forge: FakeReviews, forged: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST", 1)
    approve(forge, "rita", "bob")
    (said,) = unapproved_now(desk.workspace, state.find_main(desk.workspace))
    assert said.level is Level.NOTE
    assert "for the 1 newest assignments, and not for 1 older ones" in said.message


def test_verify_of_one_assignment_asks_the_forge_where_it_is_told_to(
    desk: Desk, forge: FakeReviews, forged: Assignment
) -> None:
    asked = ForgeProvenance(desk.git, desk.workspace.documents, lambda: forge)
    workspace = replace(desk.workspace, provenances=lambda: asked)
    reference = parse_reference("m#prod#1")
    assert verify(workspace, reference, Depth()).verdict.passed
    told = verify(workspace, reference, Depth(approvals=True))
    assert (told.verdict.passed, told.verdict.findings[0].rule) == (False, "approvals")
