"""What is registered, what is live, and what needs a person."""

from __future__ import annotations

import pytest

from modelmark.domain.names import ModelName
from modelmark.domain.plan import State
from modelmark.domain.policy import Stage
from modelmark.domain.references import ByVersion
from modelmark.errors import NotFound
from modelmark.usecases import listing
from modelmark.usecases.archive import archive
from tests.support.desk import PREV, PROD, STAGING, Desk, M, v


def summary(desk: Desk, model: str = "m") -> listing.Summary:
    desk.sync()
    return next(one for one in listing.list_models(desk.workspace) if one.model == model)


def means(one: listing.Summary) -> dict[str, str]:
    return {found.alias: str(found.now.version) for found in one.aliases if found.now}


def test_a_new_registry_lists_nothing(desk: Desk) -> None:
    assert listing.list_models(desk.workspace) == ()


def test_a_model_is_listed_with_its_versions_and_what_is_live(desk: Desk) -> None:
    desk.live("1", "2")
    found = summary(desk)
    assert (found.versions, found.latest, found.waiting, found.problems) == (2, v("2"), (), ())
    assert means(found) == {"prod": "2", "prev_prod": "1", "staging": "2"}
    assert {one.state for one in found.aliases} == {None}


def test_a_rollback_by_hand_is_live_and_the_file_is_said_to_be_behind(desk: Desk) -> None:
    desk.live("1", "2")
    desk.by_hand("1")
    found = summary(desk)
    assert means(found)["prod"] == "1"
    assert [(one.state, one.wish) for one in found.aliases if one.alias == PROD] == [(State.BEHIND, v("2"))]


def test_a_merge_that_waits_for_apply_is_said_to_wait(desk: Desk) -> None:
    desk.registered("1")
    made = desk.register(desk.source("2"))
    desk.merge(made.submitted.branch if made.submitted else None)
    desk.merge(desk.promote("1", STAGING).submitted.branch)
    found = summary(desk)
    assert found.waiting == (v("2"),)
    assert [(one.alias, one.now, one.state) for one in found.aliases] == [(STAGING, None, State.WAITS)]


def test_a_planted_tag_is_a_problem_and_does_not_shadow_what_is_live(desk: Desk) -> None:
    desk.live("1")
    desk.registered("2")
    desk.by_hand("2")
    found = summary(desk)
    assert means(found)["prod"] == "1"
    assert ["m#prod#2 does not count" in problem for problem in found.problems] == [True]


def test_one_models_broken_file_does_not_stop_the_others(desk: Desk) -> None:
    other = ModelName("n")
    desk.live("1")
    desk.live("1", model=other)
    desk.commit({"models/m/aliases.yaml": b"prod: [broken"})
    desk.sync()
    broken, whole = listing.list_models(desk.workspace)
    assert ["models/m/aliases.yaml:1" in problem for problem in broken.problems] == [True]
    assert (means(broken)["prod"], means(whole)["prod"], whole.problems) == ("1", "1", ())


def test_versions_come_newest_first_with_stage_and_holders(desk: Desk) -> None:
    desk.live("1", "2")
    desk.registered("3")
    desk.registered("4")
    desk.accept(archive(desk.workspace, ByVersion(M, v("3")), "withdrawn", None).branch)
    desk.sync()
    _, rows = listing.list_versions(desk.workspace, M)
    assert [(str(row.version), row.stage, row.held_by) for row in rows] == [
        ("4", Stage.EXPERIMENT, ()),
        ("3", Stage.ARCHIVED, ()),
        ("2", Stage.PRODUCTION, (PROD, STAGING)),
        ("1", Stage.STAGING, (PREV,)),
    ]


def test_ten_comes_after_nine(desk: Desk) -> None:
    for version in ("9", "10", "2"):
        desk.registered(version)
    desk.sync()
    assert [str(row.version) for row in listing.list_versions(desk.workspace, M)[1]] == ["10", "9", "2"]
    assert summary(desk).latest == v("10")


def test_an_unknown_model_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound, match=r"there is no model n") as caught:
        listing.list_versions(desk.workspace, ModelName("n"))
    assert caught.value.hint == "see `modelmark list`"
