"""Tags that a writer pushes to stop the registry: below the next name of a model, or with objects that Git refuses."""

from __future__ import annotations

import pytest

from tests.fakehub.clients import SECRET
from tests.fakehub.conftest import Run
from tests.fakehub.guarded import BOB, EVE, RITA
from tests.fakehub.reviews import merge, review
from tests.fakehub.server import Hub
from tests.fakehub.state import Hosted, Pull, User
from tests.support.git_repos import git
from tests.support.world import World

BAR = "m#prod#1/x"


@pytest.fixture
def template(guarded_template: World) -> World:
    return guarded_template


@pytest.fixture
def here(hub: Hub, asked: Pull) -> Hosted:
    """The promotion to prod is approved and merged."""
    made = hub.repositories["acme/models"]
    review(made, 1, RITA, "APPROVE")
    review(made, 1, BOB, "APPROVE")
    merge(made, 1, RITA)
    return made


@pytest.fixture
def barred(here: Hosted, run: Run) -> Hosted:
    """Somebody's tag stands below the name of the next assignment; behind that, another promotion is merged."""
    git(here.bare, "update-ref", f"refs/tags/{BAR}", "main")
    assert run("promote", "m@1", "--to", "shadow", "--reason", "compare").code == 0
    merge(here, max(here.pulls), EVE)
    return here


def test_a_barred_assignment_is_said_and_what_is_behind_it_becomes_true(
    barred: Hosted, run: Run, world: World
) -> None:
    ended = run("apply")
    assert ended.code == 1, ended.err
    assert f"m#prod#1 cannot be made while there is a tag '{BAR}'" in ended.out
    assert (world.numbers("shadow"), "m#prod#1" in world.tags()) == ([1], False)


def test_the_rolling_issue_names_the_tag_that_bars(hub: Hub, barred: Hosted, run: Run, world: World) -> None:
    hub.tokens[SECRET] = User("github-actions[bot]", actions=True)
    assert run("apply", "--issue").code == 1
    (issue,) = barred.posts.issues.values()
    assert BAR in issue.body


@pytest.mark.parametrize("verb", ["verify", "audit"])
def test_verify_and_audit_find_it(barred: Hosted, run: Run, verb: str) -> None:
    run("apply")
    ended = run(verb)
    assert ended.code == 1, ended.err
    assert f"the tag '{BAR}' bars m#prod#1" in ended.out


def test_once_it_is_deleted_the_assignment_becomes_true(barred: Hosted, run: Run, world: World) -> None:
    assert run("apply").code == 1
    git(barred.bare, "update-ref", "-d", f"refs/tags/{BAR}")
    world.git("author", "tag", "-d", BAR)
    assert run("apply").code == 0
    assert (world.numbers("prod"), world.numbers("shadow")) == ([1], [1])


# --- objects that Git refuses -------------------------------------------------------------------------------------


def hostile(here: Hosted, name: str, who: str = "A <a@b> 1700000000 +0000", *, doubled: bool = False) -> None:
    """A tag at a commit off main with this author, or whose tree has an entry twice."""
    bare = here.bare
    write = ("hash-object", "-w", "--literally", "--stdin")
    blob = bytes.fromhex(git(bare, *write, stdin=b"x"))
    tree = git(bare, *write, "-t", "tree", stdin=(b"100644 a\0" + blob) * (2 if doubled else 1))
    body = f"tree {tree}\nauthor {who}\ncommitter {who}\n\nx\n".encode()
    git(bare, "update-ref", f"refs/tags/{name}", git(bare, *write, "-t", "commit", stdin=body))


@pytest.mark.parametrize("verb", ["apply", "announce", "record", "audit"])
def test_a_foreign_tag_is_not_even_fetched(here: Hosted, run: Run, world: World, verb: str) -> None:
    hostile(here, "zz", doubled=True)
    ended = run(verb)
    assert ended.code != 3, ended.err
    assert "zz" not in world.git("author", "tag", "-l").split()


@pytest.mark.parametrize("who", ["A <a@b> 1700000000 +51800", "A <a@b> > 1700000000 +0000"])
def test_a_date_that_nobody_can_read_behind_a_tag_stops_nothing(
    here: Hosted, run: Run, world: World, who: str
) -> None:
    hostile(here, "other#prod#1", who)
    assert run("apply").code == 0
    assert world.numbers("prod") == [1]


def test_objects_that_hide_something_are_refused_and_the_remote_is_not_called_unreachable(
    here: Hosted, run: Run
) -> None:
    hostile(here, "other#prod#1", doubled=True)
    ended = run("apply")
    assert ended.code == 3
    assert "sent objects that Git refuses" in ended.err
    assert "duplicateEntries" in ended.err


def test_the_rolling_issue_also_says_why_a_run_could_not_finish(hub: Hub, here: Hosted, run: Run) -> None:
    hub.tokens[SECRET] = User("github-actions[bot]", actions=True)
    hostile(here, "other#prod#1", doubled=True)
    assert run("apply", "--issue").code == 3
    (issue,) = here.posts.issues.values()
    assert "could not finish" in issue.body
    assert "sent objects that Git refuses" in issue.body
