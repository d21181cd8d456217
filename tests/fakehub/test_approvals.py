"""A promotion on GitHub becomes true with the approvals that registry.yaml asks for, and not without them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fakehub.clients import SECRET
from tests.fakehub.conftest import Run
from tests.fakehub.guarded import BOB, EVE, RITA, refused
from tests.fakehub.reviews import merge, review
from tests.fakehub.server import BROKEN, Hub
from tests.fakehub.state import Hosted, Pull, User
from tests.support.git_repos import git
from tests.support.world import World


@pytest.fixture
def template(guarded_template: World) -> World:
    return guarded_template


@pytest.fixture
def here(hub: Hub, asked: Pull) -> Hosted:
    return hub.repositories["acme/models"]


def test_two_owners_make_it_true_and_stand_in_the_tag(hub: Hub, here: Hosted, run: Run, world: World) -> None:
    review(here, 1, RITA, "APPROVE")
    review(here, 1, BOB, "APPROVE")
    merge(here, 1, RITA)
    assert run("apply").code == 0
    text = world.tag_text("m#prod#1")
    assert "\nRequested-By: @ada\nApproved-By: @bob, @rita\n" in text
    assert f"\nPull-Request: {hub.address}/acme/models/pull/1\n" in text
    assert run("apply").code == 0
    assert world.numbers("prod") == [1]
    shown = run("history", "m", "--alias", "prod").out
    assert "@bob, @rita" in shown


def test_a_squashed_merge_is_the_same(here: Hosted, run: Run, world: World) -> None:
    review(here, 1, RITA, "APPROVE")
    review(here, 1, BOB, "APPROVE")
    merge(here, 1, RITA, "squash")
    assert run("apply").code == 0
    assert "\nApproved-By: @bob, @rita\n" in world.tag_text("m#prod#1")


def test_one_approval_is_not_enough_and_says_who_may(here: Hosted, run: Run, world: World) -> None:
    review(here, 1, RITA, "APPROVE")
    merge(here, 1, RITA)
    refused(
        run,
        world,
        "m#prod#1 asks for 2 approvals by owners (@rita, @Bob, @acme/owners, owners@example.org), #1 has 1 (rita)",
    )
    told = run("apply").err + run("apply").out
    assert "/acme/models/pull/1, then run `modelmark apply`" in told
    assert "ask again" not in told
    review(here, 1, BOB, "APPROVE")
    assert run("apply").code == 0, "the second owner looked at what was merged, only later"


@pytest.mark.parametrize(
    ("does", "why"),
    [
        (lambda here: review(here, 1, EVE, "APPROVE"), "eve is no owner"),
        (lambda here: review(here, 1, BOB, "REQUEST_CHANGES"), "bob asked for changes"),
        (lambda here: review(here, 1, User("ci[bot]"), "APPROVE"), "ci[bot] is a bot"),
        (lambda here: dismissed(here, BOB), "bob approved, and the approval was dismissed"),
        (lambda here: withdrawn(here, BOB), "bob asked for changes"),
    ],
)
def test_what_is_no_approval_by_an_owner_does_not_count(
    here: Hosted, run: Run, world: World, does: Callable[[Hosted], object], why: str
) -> None:
    review(here, 1, RITA, "APPROVE")
    does(here)
    merge(here, 1, RITA)
    refused(run, world, "#1 has 1 (rita); not counted: ", why)


def dismissed(here: Hosted, user: User) -> None:
    review(here, 1, user, "APPROVE")["state"] = "DISMISSED"


def withdrawn(here: Hosted, user: User) -> None:
    review(here, 1, user, "APPROVE")
    review(here, 1, user, "REQUEST_CHANGES")


def test_a_comment_after_an_approval_takes_nothing_back(here: Hosted, run: Run) -> None:
    for user in (RITA, BOB):
        review(here, 1, user, "APPROVE")
        review(here, 1, user, "COMMENT")
    merge(here, 1, RITA)
    assert run("apply").code == 0


def push_more(hub: Hub, world: World, token: str, *, author: str = "author") -> None:
    """One more commit on the branch, pushed over HTTP by whoever has the token."""
    world.git("author", "fetch", "-q", "origin")
    world.git("author", "checkout", "-q", "-B", "more", "origin/promote/m-prod-1")
    world.git("author", "commit", "-q", "--allow-empty", "-m", "More")
    address = f"{hub.address.replace('//', f'//x:{token}@')}/acme/models.git"
    world.git("author", "push", "-q", address, "more:promote/m-prod-1")


def test_an_approval_before_the_last_push_does_not_count(
    hub: Hub, here: Hosted, run: Run, world: World
) -> None:
    review(here, 1, RITA, "APPROVE")
    review(here, 1, BOB, "APPROVE")
    before = here.pulls[1].head_sha
    push_more(hub, world, SECRET)
    review(here, 1, BOB, "APPROVE")
    merge(here, 1, RITA)
    after = here.pulls[1].head_sha
    refused(run, world, "#1 has 1 (bob)", f"rita approved {before[:12]}, and {after[:12]} was merged")


def test_who_pushed_last_does_not_approve(hub: Hub, here: Hosted, run: Run, world: World) -> None:
    hub.tokens["ritas"] = RITA
    push_more(hub, world, "ritas")
    review(here, 1, RITA, "APPROVE")
    review(here, 1, BOB, "APPROVE")
    merge(here, 1, BOB)
    refused(run, world, "#1 has 1 (bob)", "rita pushed last")


def test_who_has_a_commit_in_it_does_not_approve(hub: Hub, here: Hosted, run: Run, world: World) -> None:
    hub.emails["rita@example.org"] = "rita"
    world.git("author", "config", "user.email", "rita@example.org")
    push_more(hub, world, SECRET)
    push_more(hub, world, SECRET)
    review(here, 1, RITA, "APPROVE")
    review(here, 1, BOB, "APPROVE")
    merge(here, 1, BOB)
    refused(run, world, "#1 has 1 (bob)", "rita has commits in it")


def test_where_github_does_not_say_who_pushed_nobody_counts(here: Hosted, run: Run, world: World) -> None:
    here.pushes.clear()
    review(here, 1, RITA, "APPROVE")
    review(here, 1, BOB, "APPROVE")
    merge(here, 1, RITA)
    refused(run, world, "GitHub does not say who pushed", "so no approval counts")


def test_a_member_of_an_owning_team_is_an_owner_and_one_who_is_invited_is_not(
    hub: Hub, here: Hosted, run: Run, world: World
) -> None:
    hub.teams["acme/owners"] = {"eve": "pending"}
    review(here, 1, RITA, "APPROVE")
    review(here, 1, EVE, "APPROVE")
    merge(here, 1, RITA)
    refused(run, world, "eve is no owner")
    hub.teams["acme/owners"]["eve"] = "active"
    assert run("apply").code == 0
    assert "\nApproved-By: @eve, @rita\n" in world.tag_text("m#prod#1")


def test_a_token_that_reads_no_team_says_what_it_needs(here: Hosted, run: Run, world: World) -> None:
    review(here, 1, RITA, "APPROVE")
    review(here, 1, EVE, "APPROVE")
    merge(here, 1, RITA)
    refused(
        run,
        world,
        "not known: owners@example.org (an e-mail address is no account), @acme/owners (the token may not read who is in",
        "give the registry's App the permission Members: read",
    )


def test_a_change_of_the_owners_in_the_same_merge_makes_nobody_an_owner(
    hub: Hub, here: Hosted, run: Run, world: World
) -> None:
    """The code owners file before the merge decides; what the gate says of a change of both is another matter."""
    world.git("author", "fetch", "-q", "origin")
    world.git("author", "checkout", "-q", "-B", "more", "origin/promote/m-prod-1")
    place = world.clone("author") / ".github" / "CODEOWNERS"
    place.write_text("/models/m/ @eve @mallory\n")
    world.git("author", "commit", "-q", "-am", "Owners")
    world.git("author", "push", "-q", "origin", "more:promote/m-prod-1")
    for user in (EVE, User("mallory")):
        review(here, 1, user, "APPROVE")
    merge(here, 1, EVE)
    assert run("apply").code == 1
    assert world.numbers("prod") == []


def test_without_a_token_nobody_can_count(
    here: Hosted, run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    review(here, 1, RITA, "APPROVE")
    review(here, 1, BOB, "APPROVE")
    merge(here, 1, RITA)
    monkeypatch.delenv("GH_ENTERPRISE_TOKEN")
    refused(run, world, "without a token nobody can count")
    assert run("apply", "--token", SECRET).code == 0


def test_a_broken_github_makes_no_tag_and_a_later_run_does(
    hub: Hub, here: Hosted, run: Run, world: World
) -> None:
    review(here, 1, RITA, "APPROVE")
    review(here, 1, BOB, "APPROVE")
    merge(here, 1, RITA)
    hub.seen.clear()
    hub.trouble = [BROKEN] * 4
    assert run("apply").code == 3
    assert world.numbers("prod") == []
    assert run("apply").code == 0


def test_an_alias_that_asks_for_none_has_its_pull_request_in_the_tag(
    hub: Hub, here: Hosted, run: Run, world: World
) -> None:
    assert run("promote", "m@1", "--to", "shadow", "--reason", "compare").code == 0
    review(here, 2, EVE, "APPROVE")
    merge(here, 2, EVE)
    assert run("apply").code == 0
    assert "\nRequested-By: @ada\nApproved-By: @eve\nPull-Request: " in world.tag_text("m#shadow#1")


def test_only_this_clone_is_told_without_counting(here: Hosted, run: Run, world: World) -> None:
    """`--no-push` makes a try-out of one clone, and nobody else sees its tags."""
    merge(here, 1, EVE)
    world.git("author", "fetch", "-q", "origin")
    assert run("apply", "--no-push").code == 0
    assert world.numbers("prod") == []
    assert git(world.clone("author"), "tag", "-l", "m#prod#*") == "m#prod#1"


def test_an_approval_before_the_base_was_changed_was_of_another_change(
    here: Hosted, run: Run, world: World
) -> None:
    review(here, 1, RITA, "APPROVE")
    review(here, 1, BOB, "APPROVE")
    here.pulls[1].turned.append("2026-11-28T11:30:00Z")
    review(here, 1, BOB, "APPROVE")["submitted_at"] = "2026-11-28T11:40:00Z"
    merge(here, 1, RITA)
    refused(run, world, "#1 has 1 (bob)", "rita approved before it was turned to another branch")


def test_who_brings_the_branch_back_after_the_merge_has_no_hand_in_it(
    hub: Hub, here: Hosted, run: Run, world: World
) -> None:
    review(here, 1, RITA, "APPROVE")
    review(here, 1, BOB, "APPROVE")
    merge(here, 1, RITA)
    here.pulls[1].restored = "rita"
    assert run("apply").code == 0
    assert "\nApproved-By: @bob, @rita\n" in world.tag_text("m#prod#1")


def test_a_flood_of_reviews_from_outside_stops_nobody_else(here: Hosted, run: Run, world: World) -> None:
    for number in range(1000):
        review(here, 1, User(f"troll{number}"), "COMMENT")
    merge(here, 1, RITA)
    assert run("promote", "m@1", "--to", "shadow", "--reason", "compare").code == 0
    merge(here, 2, RITA)
    refused(run, world, "it has too many reviews to know them all, so no approval counts")
    assert world.numbers("shadow") == [1]


def test_an_owner_who_left_is_still_named_and_does_not_count(here: Hosted, run: Run, world: World) -> None:
    review(here, 1, RITA, "APPROVE")
    review(here, 1, BOB, "APPROVE")
    here.readers.add("bob")
    merge(here, 1, RITA)
    refused(run, world, "#1 has 1 (rita)", "bob owns it and may not write here")
