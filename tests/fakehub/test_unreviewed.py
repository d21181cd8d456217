"""What reached main past its review becomes no assignment, whatever GitHub calls it."""

from __future__ import annotations

import pytest

from tests.fakehub.conftest import Run
from tests.fakehub.guarded import BOB, EVE, PROMOTE, RITA, refused
from tests.fakehub.reviews import merge, review
from tests.fakehub.server import Hub
from tests.fakehub.state import Hosted, Pull
from tests.support.world import World


@pytest.fixture
def template(guarded_template: World) -> World:
    return guarded_template


@pytest.fixture
def here(hub: Hub, asked: Pull) -> Hosted:
    return hub.repositories["acme/models"]


def test_a_commit_that_no_pull_request_brought_has_no_approvals(here: Hosted, run: Run, world: World) -> None:
    world.git("author", "fetch", "-q", "origin")
    world.git("author", "checkout", "-q", "-B", "mine", "origin/main")
    world.git("author", "checkout", "-q", "origin/promote/m-prod-1", "--", "models/m/aliases.yaml")
    world.git("author", "commit", "-q", "-m", "Skip the review")
    world.git("author", "push", "-q", "origin", "mine:main")
    refused(run, world, "m#prod#1 asks for 2 approvals, and ", "no pull request brought it")


def test_a_merge_by_hand_that_says_something_else_than_was_approved_has_no_approvals(
    here: Hosted, run: Run, world: World
) -> None:
    """GitHub takes any commit of main that contains the head for the merge of the pull request."""
    review(here, 1, RITA, "APPROVE")
    review(here, 1, BOB, "APPROVE")
    world.git("author", "fetch", "-q", "origin")
    world.git("author", "checkout", "-q", "-B", "mine", "origin/main")
    world.git("author", "merge", "-q", "--no-ff", "--no-commit", "origin/promote/m-prod-1")
    place = world.clone("author") / "models" / "m" / "aliases.yaml"
    place.write_text(place.read_text().replace("it is better", "it is mine"))
    world.git("author", "commit", "-q", "-am", "Merge")
    world.git("author", "push", "-q", "origin", "mine:main")
    here.refresh()
    assert here.pulls[1].merge_sha == here.tip("main")
    refused(run, world, "#1, which it merges, asked for something else")


def test_what_was_refused_is_asked_for_again_in_a_new_pull_request(
    hub: Hub, here: Hosted, run: Run, world: World
) -> None:
    merge(here, 1, EVE)
    refused(run, world, "#1 has none")
    ended = run(*PROMOTE[:-1], "it is better, with a review")
    assert ended.code == 0, ended.err
    review(here, 2, RITA, "APPROVE")
    review(here, 2, BOB, "APPROVE")
    merge(here, 2, RITA)
    assert run("apply").code == 0
    assert f"\nPull-Request: {hub.address}/acme/models/pull/2\n" in world.tag_text("m#prod#1")


def test_a_tag_of_a_merge_made_by_hand_past_the_approvals_is_an_alarm(
    hub: Hub, here: Hosted, run: Run, world: World
) -> None:
    """It counts for who has only tags; the forge knows better, and an issue says who made it."""
    merge(here, 1, EVE)
    world.git("author", "fetch", "-q", "origin")
    assert run("apply", "--no-push").code == 0
    world.git("author", "push", "-q", "origin", "refs/tags/m#prod#1")
    assert run("verify", "m#prod#1").code == 0
    ended = run("verify", "m#prod#1", "--issue")
    assert ended.code == 1
    assert "the tag m#prod#1 was made without the approvals that its alias asks for" in ended.out
    (alarm,) = [one for one in here.posts.issues.values() if one.state == "open"]
    assert "m#prod#1" in str(alarm.body)
    assert "was made without the approvals" in str(alarm.body)
    review(here, 1, RITA, "APPROVE")
    review(here, 1, BOB, "APPROVE")
    assert run("verify", "m#prod#1", "--issue").code == 0
    assert [one.state for one in here.posts.issues.values()] == ["closed"], (
        "two owners have looked at it by now"
    )


def test_the_audit_warns_of_it(here: Hosted, run: Run, world: World) -> None:
    merge(here, 1, EVE)
    world.git("author", "fetch", "-q", "origin")
    run("apply", "--no-push")
    world.git("author", "push", "-q", "origin", "refs/tags/m#prod#1")
    ended = run("audit")
    assert "approvals" in ended.out
    assert "the tag m#prod#1 was made without the approvals" in ended.out


def test_approvals_are_asked_of_github_alone(world: World) -> None:
    done = world.cli("author", "verify", "m@v1", "--approvals")
    assert done.code == 1
    assert "is not on GitHub" in done.err
