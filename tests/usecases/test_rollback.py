"""Putting an alias back: the tag at once, the record for review, and no doubt about what happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.domain.names import AliasName
from modelmark.domain.references import ByVersion
from modelmark.errors import CouldNot, InvalidInput, Lost, Refused, Unreachable
from modelmark.usecases.archive import archive
from modelmark.usecases.rollback import RolledBack, rollback
from tests.support.desk import DIRECT, POLICY, PREV, PROD, REVIEWED_ROLLBACK, STAGING, Desk, M, v


def back(
    desk: Desk, to: str | None = None, reason: str = "p95 doubled", alias: AliasName = PROD
) -> RolledBack:
    return rollback(desk.workspace, M, alias, v(to) if to else None, reason)


def test_it_goes_to_what_todays_version_replaced_at_once(desk: Desk) -> None:
    desk.live("1", "2")
    done = back(desk)
    assert (str(done.assignment.tag), done.assignment.version, done.assignment.previous) == (
        "m#prod#3",
        v("1"),
        v("2"),
    )
    assert done.assignment.reason == "p95 doubled"
    assert desk.history().meaning(PROD) == v("1")
    assert desk.history().meaning(PREV) == v("1"), "prev_prod stays"


def test_incident_and_aliases_go_on_a_branch(desk: Desk) -> None:
    desk.live("1", "2")
    sent = back(desk).recorded.submitted
    assert sent.branch == "record/m-prod-3"
    incident = desk.file("models/m/incidents/prod-3.yaml", sent.commit)
    for line in ('from: "2"', 'to: "1"', "reason: p95 doubled", "by: Ada <ada@example.org>"):
        assert line in incident
    assert "assignment: 3" in desk.file("models/m/aliases.yaml", sent.commit)
    desk.accept(sent.branch)
    assert desk.apply().disagreements == ()


def test_twice_goes_two_releases_back_and_never_to_the_bad_one(desk: Desk) -> None:
    desk.live("1", "2", "3")
    assert back(desk, reason="first").assignment.version == v("2")
    assert back(desk, reason="second").assignment.version == v("1")


def test_a_named_version_that_was_live_before_is_taken(desk: Desk) -> None:
    desk.live("1", "2", "3")
    assert back(desk, "1").assignment.version == v("1")


def test_a_version_that_was_never_live_is_refused_with_those_that_were(desk: Desk) -> None:
    desk.live("1", "2")
    desk.registered("3")
    with pytest.raises(Refused, match=r"3 never held prod of m, so going to it is no rollback") as caught:
        back(desk, "3")
    assert caught.value.hint == "it held: 1, 2"


def test_the_version_of_today_is_no_rollback(desk: Desk) -> None:
    desk.live("1", "2")
    with pytest.raises(Refused, match=r"m@prod is already 2"):
        back(desk, "2")


def test_the_first_release_has_nothing_to_go_back_to(desk: Desk) -> None:
    desk.live("1")
    with pytest.raises(
        Refused, match=r"m@prod is 1, and no reviewed assignment replaced another version by it"
    ):
        back(desk)


def test_an_alias_that_was_never_assigned_has_nothing_to_go_back_to(desk: Desk) -> None:
    desk.registered("1")
    with pytest.raises(Refused, match=r"m has never had prod, so there is nothing to roll back"):
        back(desk)


def test_an_unknown_alias_is_refused_with_those_that_exist(desk: Desk) -> None:
    desk.live("1")
    with pytest.raises(InvalidInput, match=r"registry.yaml has no alias production") as caught:
        back(desk, alias=AliasName("production"))
    assert caught.value.hint == "it has: staging, prod, prev_prod"


def test_an_alias_whose_rollback_needs_a_review_is_refused_with_the_way_to_ask(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, REVIEWED_ROLLBACK)
    desk.live("1", "2")
    with pytest.raises(Refused, match=r"does not allow prod to be rolled back without review") as caught:
        back(desk)
    assert caught.value.hint == "ask for it: modelmark promote m@1 --to prod --reason …"
    assert "m#prod#3" not in desk.tags()


def test_an_archived_version_is_refused(desk: Desk) -> None:
    desk.live("1", "2", "3")
    desk.accept(archive(desk.workspace, ByVersion(M, v("1")), "withdrawn", None).branch)
    with pytest.raises(Refused, match=r"m@1 is archived and may not be assigned") as caught:
        back(desk, "1")
    assert caught.value.hint == "name another version with --to"


@pytest.mark.parametrize("reason", ["", "Version: 7", "a\x07b"])
def test_a_reason_that_could_not_stand_in_a_tag_is_refused_before_anything(desk: Desk, reason: str) -> None:
    desk.live("1", "2")
    with pytest.raises(InvalidInput, match=r"the reason"):
        back(desk, reason=reason)
    assert "m#prod#3" not in desk.tags()


def test_who_loses_the_race_is_told_who_won_and_that_nothing_was_done(desk: Desk) -> None:
    desk.live("1", "2")
    clone = desk.other_clone()
    assert desk.git.server is not None
    desk.git.server.meanwhile = [lambda: rollback(clone, M, PROD, None, "Bob was faster")]
    with pytest.raises(
        Lost, match=r"m#prod#3 by Bob <bob@example.org> means 1\. Nothing of yours was done"
    ) as caught:
        back(desk)
    assert caught.value.hint == "look at it, then decide again: modelmark history m --alias prod"
    assert desk.git.refs["refs/tags/m#prod#3"] == desk.refs["refs/tags/m#prod#3"]


def test_a_stopped_run_is_taken_up_by_the_same_command(desk: Desk) -> None:
    desk.live("1", "2")

    def power_cut() -> None:
        raise KeyboardInterrupt

    assert desk.git.server is not None
    desk.git.server.meanwhile = [lambda: None, power_cut]
    with pytest.raises(KeyboardInterrupt):
        back(desk)
    assert desk.history().meaning(PROD) == v("1")
    done = back(desk)
    assert (done.resumed, str(done.assignment.tag)) == (True, "m#prod#3")
    assert "record/m-prod-3" in desk.branches()


def test_the_same_command_finds_its_record_after_main_has_moved(desk: Desk) -> None:
    desk.live("1", "2")
    first = back(desk).recorded.submitted
    assert first is not None
    desk.registered("3")
    desk.promoted("3", STAGING)  # another entry of the same file
    again = back(desk)
    assert again.resumed
    assert again.recorded.submitted is not None
    assert (again.recorded.submitted.already, again.recorded.submitted.commit) == (True, first.commit)


def test_when_only_the_record_fails_the_error_says_that_the_rollback_is_true(desk: Desk) -> None:
    desk.live("1", "2")
    server = desk.git.server
    assert server is not None

    def unplugged() -> None:
        server.failure = Unreachable("memory:server cannot be reached", "check the network")

    server.meanwhile = [lambda: None, unplugged]
    with pytest.raises(CouldNot, match=r"m@prod is rolled back: m#prod#3 means 1\. Its record") as caught:
        back(desk)
    assert "memory:server cannot be reached" in caught.value.message
    assert "modelmark record m --alias prod" in caught.value.hint
    server.failure = None
    assert desk.history().meaning(PROD) == v("1")


def test_no_network_means_no_rollback_and_says_so(desk: Desk) -> None:
    desk.live("1", "2")
    assert desk.git.server is not None
    desk.git.server.failure = Unreachable("memory:server cannot be reached")
    with pytest.raises(Unreachable):
        back(desk)
    desk.git.server.failure = None
    assert desk.history().meaning(PROD) == v("2")


def test_a_direct_registry_records_it_on_main_at_once(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, DIRECT)
    desk.live("1", "2")
    assert back(desk).recorded.submitted.branch is None
    assert "assignment: 3" in desk.file("models/m/aliases.yaml")
    assert desk.apply().disagreements == ()


def test_it_works_without_a_remote(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, remote=False)
    desk.live("1", "2")
    assert back(desk).recorded.submitted.remote is None
    assert desk.history().meaning(PROD) == v("1")


def test_the_policy_of_today_does_not_let_an_older_rollback_count_no_more(desk: Desk) -> None:
    desk.live("1", "2")
    back(desk)
    desk.commit({"registry.yaml": POLICY.replace("rollback: direct", "rollback: pull-request").encode()})
    assert desk.history().meaning(PROD) == v("1")


def test_staging_is_reviewed_by_default(desk: Desk) -> None:
    desk.live("1", "2")
    with pytest.raises(Refused, match=r"does not allow staging"):
        back(desk, alias=STAGING)
