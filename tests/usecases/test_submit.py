"""Handing a change in: on a branch, or onto main at once; found again, and never over somebody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.errors import CouldNot, Lost, Unreachable
from modelmark.usecases.submit import NotPassed
from tests.support.desk import DIRECT, PROD, STAGING, Desk


def test_a_change_goes_on_a_branch_that_is_made_of_main_as_it_is_on_the_remote(desk: Desk) -> None:
    desk.registered("1")
    newer = desk.commit({"README.md": b"hello"})
    desk.git.refs["refs/remotes/origin/main"] = desk.git.objects.commits[newer].parents[0]
    sent = desk.promote("1", STAGING).submitted
    assert (sent.branch, sent.remote, sent.already, sent.applied) == (
        "promote/m-staging-1",
        "origin",
        False,
        None,
    )
    assert desk.git.objects.commits[sent.commit].parents == (newer,)
    assert desk.main == newer


def test_the_commit_is_by_whoever_asks_and_says_why(desk: Desk) -> None:
    desk.registered("1")
    made = desk.git.objects.commits[desk.promote("1", STAGING, "short texts").submitted.commit]
    assert made.author.name == "Ada"
    assert made.message == "Promote m@1 to staging\n\nshort texts"


def test_the_same_change_again_is_found_and_not_made_twice(desk: Desk) -> None:
    desk.registered("1")
    first = desk.promote("1", STAGING).submitted
    desk.wait(1)
    again = desk.promote("1", STAGING).submitted
    assert again.already
    assert again.commit == first.commit


def test_a_branch_with_another_change_is_left_alone(desk: Desk) -> None:
    desk.registered("1")
    desk.registered("2")
    first = desk.promote("1", STAGING).submitted
    with pytest.raises(
        Lost, match=r"the branch promote/m-staging-1 exists on origin with another change"
    ) as caught:
        desk.promote("2", STAGING)
    assert "git push origin --delete promote/m-staging-1" in caught.value.hint
    assert desk.refs["refs/heads/promote/m-staging-1"] == first.commit


def test_without_a_remote_the_hint_deletes_the_local_branch(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, remote=False)
    desk.registered("1")
    desk.registered("2")
    assert desk.promote("1", STAGING).submitted.remote is None
    with pytest.raises(Lost, match=r"the branch promote/m-staging-1 exists with another change") as caught:
        desk.promote("2", STAGING)
    assert "git branch -D promote/m-staging-1" in caught.value.hint


def test_a_branch_that_somebody_pushes_in_this_moment_is_not_overwritten(desk: Desk) -> None:
    desk.registered("1")
    assert desk.git.server is not None
    desk.git.server.meanwhile = [lambda: desk.commit({"README.md": b"Bob's"}, branch="promote/m-staging-1")]
    with pytest.raises(Lost, match=r"somebody pushed promote/m-staging-1 in this moment"):
        desk.promote("1", STAGING)
    assert desk.file("README.md", desk.refs["refs/heads/promote/m-staging-1"]) == "Bob's"


def test_no_network_is_said_and_changes_nothing(desk: Desk) -> None:
    desk.registered("1")
    assert desk.git.server is not None
    desk.git.server.failure = Unreachable("memory:server cannot be reached", "check the network")
    with pytest.raises(CouldNot, match=r"cannot be reached"):
        desk.promote("1", STAGING)
    assert desk.branches() == ["main", "register/m-1"]


def test_a_direct_registry_does_it_in_one_step_with_the_same_gate(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, DIRECT)
    desk.live("1")
    assert desk.branches() == ["main"]
    assert desk.tags() == ["m#prod#1", "m#staging#1", "m@v1"]
    assert "prod" in desk.file("models/m/aliases.yaml")


def test_a_direct_change_that_fails_the_gate_changes_nothing(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, DIRECT)
    desk.registered("1", {"f1": 0.7})
    desk.promoted("1", STAGING)
    before = desk.main
    with pytest.raises(NotPassed, match=r"the check refuses this change, and nothing was changed") as caught:
        desk.promote("1", PROD)
    assert ["f1 = 0.7, must be at least 0.9" in found.message for found in caught.value.findings] == [True]
    assert desk.main == before
    assert "m#prod#1" not in desk.tags()


def test_a_direct_change_is_built_again_when_main_moves_meanwhile(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, DIRECT)
    desk.registered("1")
    assert desk.git.server is not None
    desk.git.server.meanwhile = [lambda: desk.commit({"README.md": b"Bob's"})] * 2
    done = desk.promote("1", STAGING)
    assert done.submitted.branch is None
    assert desk.file("README.md") == "Bob's"
    assert "m#staging#1" in desk.tags()


def test_when_main_moves_again_and_again_it_gives_up_and_says_so(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, DIRECT)
    desk.registered("1")
    assert desk.git.server is not None
    desk.git.server.meanwhile = [lambda: desk.commit({"README.md": b"Bob's"})] * 9
    with pytest.raises(Lost, match=r"5 times") as caught:
        desk.promote("1", STAGING)
    assert "somebody else was faster" in caught.value.message
    assert "run the command again" in caught.value.hint
    assert desk.file("models/m/aliases.yaml") == ""


def test_a_direct_change_without_a_remote_moves_the_local_main(tmp_path: Path) -> None:
    desk = Desk.new(tmp_path, DIRECT, remote=False)
    desk.live("1", "2")
    assert desk.tags() == [
        "m#prev_prod#1",
        "m#prod#1",
        "m#prod#2",
        "m#staging#1",
        "m#staging#2",
        "m@v1",
        "m@v2",
    ]
