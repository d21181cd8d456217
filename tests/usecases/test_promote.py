"""Asking that an alias means a version: one entry of one file, refused where it could not become true."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.references import ByVersion
from modelmark.errors import InvalidInput, NotFound, Refused
from modelmark.usecases.archive import archive
from modelmark.usecases.record import record
from tests.support.desk import PREV, PROD, SOAK, STAGING, Desk, M, v


def test_a_promotion_changes_one_entry_and_keeps_every_other_line(desk: Desk) -> None:
    desk.live("1")
    desk.registered("2")
    before = desk.file("models/m/aliases.yaml")
    made = desk.promote("2", STAGING, "short texts")
    after = desk.file("models/m/aliases.yaml", made.submitted.commit)
    assert (made.number, made.previous) == (2, v("1"))
    changed = [
        (old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new
    ]
    assert [new.strip() for _, new in changed] == ['version: "2"', "assignment: 2", "reason: short texts"]


def test_the_version_that_prod_leaves_goes_to_prev_prod_in_the_same_change(desk: Desk) -> None:
    desk.live("1", "2")
    history = desk.history()
    assert (history.meaning(PROD), history.meaning(PREV)) == (v("2"), v("1"))
    prod, prev = history.aliases[PROD][-1], history.aliases[PREV][-1]
    assert prod.commit == prev.commit
    assert prev.reason == "prod moved on to 2"


def test_prev_prod_is_not_written_when_it_keeps_that_version_already(desk: Desk) -> None:
    desk.live("1", "2")
    desk.by_hand("1")
    desk.accept(record(desk.workspace, M, None)[0].submitted.branch)
    desk.promote("2", PROD)
    assert desk.history().meaning(PREV) == v("1")
    assert desk.promote("2", PROD).submitted.already


def test_an_alias_without_previous_as_moves_alone(desk: Desk) -> None:
    desk.live("1")
    desk.registered("2")
    desk.promoted("2", STAGING)
    assert "m#prev_prod#1" not in desk.tags()


def test_an_unknown_alias_is_refused_with_those_that_can_be_meant(desk: Desk) -> None:
    desk.registered("1")
    with pytest.raises(InvalidInput, match=r"registry.yaml has no alias production") as caught:
        desk.promote("1", AliasName("production"))
    assert caught.value.hint == "it has: staging, prod"


def test_prev_prod_is_never_promoted_to(desk: Desk) -> None:
    desk.registered("1")
    with pytest.raises(Refused, match=r"prev_prod follows another alias by itself and is never promoted to"):
        desk.promote("1", PREV)


def test_a_version_that_is_not_registered_is_refused_with_those_that_are(desk: Desk) -> None:
    desk.registered("1")
    with pytest.raises(NotFound, match=r"m@2 is not registered") as caught:
        desk.promote("2", STAGING)
    assert caught.value.hint == "registered: 1"


def test_a_model_without_any_version_is_told_how_to_get_one(desk: Desk) -> None:
    with pytest.raises(NotFound, match=r"m@1 is not registered") as caught:
        desk.promote("1", STAGING)
    assert "register it, merge its branch and run `modelmark apply`" in caught.value.hint


def test_an_archived_version_is_refused(desk: Desk) -> None:
    desk.registered("1")
    desk.accept(archive(desk.workspace, ByVersion(M, v("1")), "withdrawn", None).branch)
    with pytest.raises(Refused, match=r"m@1 is archived and may not be assigned"):
        desk.promote("1", STAGING)


def test_what_the_alias_means_already_is_not_asked_for(desk: Desk) -> None:
    desk.registered("1")
    desk.promoted("1", STAGING)
    with pytest.raises(Refused, match=r"m@staging already means 1") as caught:
        desk.promote("1", STAGING)
    assert caught.value.hint == "modelmark show m@staging"


@pytest.mark.parametrize("reason", ["", "  \n ", "Version: 7", "a\x1b[31m", "x" * 4001])
def test_a_reason_that_could_not_stand_in_a_tag_is_refused(desk: Desk, reason: str) -> None:
    with pytest.raises(InvalidInput, match=r"the reason"):
        desk.promote("1", STAGING, reason)


def test_a_merge_that_waits_for_apply_comes_first(desk: Desk) -> None:
    desk.registered("1")
    desk.registered("2")
    desk.merge(desk.promote("1", STAGING).submitted.branch)
    with pytest.raises(Refused, match=r"m#staging#1 is merged and has no tag yet") as caught:
        desk.promote("2", STAGING)
    assert "modelmark apply" in caught.value.hint


def test_a_file_that_is_behind_a_rollback_comes_first(desk: Desk) -> None:
    desk.live("1", "2")
    desk.registered("3")
    desk.promoted("3", STAGING)
    desk.by_hand("1")
    with pytest.raises(
        Refused, match=r"does not know yet what prod means since it was rolled back"
    ) as caught:
        desk.promote("3", PROD)
    assert caught.value.hint == "merge the record first; to make it: modelmark record m"


def test_after_a_merge_that_apply_rejects_the_same_number_is_asked_for_again(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, SOAK)
    desk.registered("1")
    desk.promoted("1", STAGING)
    desk.merge(desk.promote("1", PROD, "too early").submitted.branch)
    assert desk.apply().plan.rejections
    desk.wait(25)
    del desk.refs["refs/heads/promote/m-prod-1"]
    made = desk.promote("1", PROD, "a day in staging")
    assert made.number == 1
    desk.accept(made.submitted.branch)
    assert desk.history().meaning(PROD) == v("1")


def test_a_change_that_would_change_nothing_is_refused_with_the_way_out(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, SOAK)
    desk.registered("1")
    desk.promoted("1", STAGING)
    desk.merge(desk.promote("1", PROD).submitted.branch)
    desk.wait(25)
    with pytest.raises(
        Refused, match=r"asks for exactly this already, and `modelmark apply` rejects it"
    ) as caught:
        desk.promote("1", PROD)
    assert "another --reason" in caught.value.hint


def test_two_promotions_of_two_models_do_not_meet(desk: Desk) -> None:
    other = ModelName("n")
    desk.registered("1")
    desk.registered("1", model=other)
    assert desk.promote("1", STAGING).submitted.branch == "promote/m-staging-1"
    assert desk.promote("1", STAGING, model=other).submitted.branch == "promote/n-staging-1"
