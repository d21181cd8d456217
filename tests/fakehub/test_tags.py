"""Tags of a registry on GitHub: pushed, or made by requests where the push is refused; killed and doubled at every step."""

from __future__ import annotations

import itertools
import time
from functools import partial
from pathlib import Path

import pytest

from tests.fakehub.clients import SECRET
from tests.fakehub.conftest import Run, move_to, strict_hub
from tests.fakehub.git_objects import no_foreign_workflows
from tests.fakehub.openapi.contract import Contract
from tests.fakehub.reviews import merge
from tests.fakehub.server import BROKEN, Hub
from tests.fakehub.state import Hosted, Refusal, User
from tests.support.crash import Kill, run_killed, run_program
from tests.support.git_repos import git
from tests.support.world import World, copy_world

WORKFLOW = ".github/workflows/registry-apply.yml"
ROBOT = User("github-actions[bot]", actions=True)


@pytest.fixture(scope="session")
def waiting(grown: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """m@1 is to come back to prod, by a merge from before the workflows of main changed."""
    world = copy_world(grown, tmp_path_factory.mktemp("waiting") / "world")
    rules = (world.clone("author") / "registry.yaml").read_text()
    world.commit({"registry.yaml": rules.replace("    approvals: 1\n", "    approvals: 0\n")})
    world.commit({WORKFLOW: "name: old\n"})
    world.promote(1, "prod", "two was slow")
    world.merge("promote/m-prod-3")
    world.commit({WORKFLOW: "name: new\n"})
    world.git("reviewer", "push", "-q", "origin", "--delete", "promote/m-prod-3")
    return world


@pytest.fixture
def template(waiting: World) -> World:
    return waiting


@pytest.fixture
def here(hub: Hub, world: World) -> Hosted:
    made = move_to(hub, world)
    hub.tokens[SECRET] = ROBOT
    made.push_rules.append(partial(no_foreign_workflows, made))
    return made


def is_true(world: World) -> None:
    """Both tags of the promotion count, and everything is what its tags say."""
    assert world.numbers("prod") == [1, 2, 3]
    assert world.numbers("prev_prod") == [1, 2]
    world.git("ci", "fetch", "-q", "origin", "refs/tags/*:refs/tags/*", "refs/heads/*:refs/remotes/origin/*")
    done = world.cli("ci", "verify")
    assert done.code == 0, done.out + done.err
    assert world.meaning("prod") == "1"
    assert world.meaning("prev_prod") == "2"


def test_a_workflow_whose_push_is_refused_makes_the_tags_by_requests(
    hub: Hub, here: Hosted, run: Run, world: World
) -> None:
    ended = run("apply")
    assert ended.code == 0, ended.err
    assert hub.requests("POST") == ["/git/tags", "/git/refs", "/git/tags", "/git/refs"]
    is_true(world)
    planned = git(world.clone("author"), "rev-parse", "refs/tags/m#prod#3")
    assert planned == world.tags()["m#prod#3"], "the same object as a push would have made"


def test_who_may_push_makes_no_requests(hub: Hub, here: Hosted, run: Run, world: World) -> None:
    hub.tokens[SECRET] = User("ada")
    assert run("apply").code == 0
    assert hub.requests("POST") == []
    is_true(world)


def test_tags_that_github_writes_otherwise_are_taken_as_they_are(
    here: Hosted, run: Run, world: World
) -> None:
    """The next tag of the chain names the object that is there, whatever was planned."""
    here.tags_in_utc = True
    world.git("reviewer", "fetch", "-q", "origin")
    merge_in_zone(world)
    ended = run("apply")
    assert ended.code == 0, ended.err
    assert world.numbers("shadow") == [1]
    is_true(world)
    assert run("apply").code == 0


def merge_in_zone(world: World) -> None:
    """A merge east of Greenwich, after the one that waits."""
    world.git("ci", "fetch", "-q", "origin")
    world.promote(2, "shadow", who="ci")
    world.git("reviewer", "fetch", "-q", "origin")
    world.git("reviewer", "checkout", "-q", "-B", "main", "origin/main")
    world.git("reviewer", "merge", "-q", "--no-ff", "--no-commit", "origin/promote/m-shadow-1")
    git(
        world.clone("reviewer"),
        "commit",
        "-q",
        "-m",
        "Merge",
        env=dict.fromkeys(("GIT_COMMITTER_DATE", "GIT_AUTHOR_DATE"), f"{time.time() + 3600:.0f} +0900"),
    )
    world.git("reviewer", "push", "-q", "origin", "main")


def test_neither_way_says_both_and_makes_nothing(here: Hosted, run: Run, world: World) -> None:
    here.ref_rules.append(lambda user, ref: "GH013: Cannot create ref")
    before = world.tags()
    ended = run("apply")
    assert ended.code == 1
    assert "the tags can be made neither by a push (" in ended.out
    assert "refusing to allow a GitHub App to create or update workflow" in ended.out
    assert "GH013: Cannot create ref" in ended.out
    assert world.tags() == before
    here.ref_rules.clear()
    assert run("apply").code == 0
    is_true(world)


def test_a_server_that_does_it_and_breaks_has_done_it(hub: Hub, here: Hosted, run: Run, world: World) -> None:
    """The second try hears that the tag exists: everything is read again, and only what is left is made."""

    def does_it_and_breaks() -> object:
        listed = git(here.bare, "cat-file", "--batch-check", "--batch-all-objects").splitlines()
        tags = [line.split(" ")[0] for line in listed if " tag " in line]
        made = [oid for oid in tags if "tag m#prev_prod#2\n" in git(here.bare, "cat-file", "tag", oid)]
        git(here.bare, "update-ref", "refs/tags/m#prev_prod#2", made[0])
        return BROKEN

    hub.trouble = [
        lambda: None,
        lambda: None,
        does_it_and_breaks,
    ]  # whose merge it is, a tag's object, its ref
    assert run("apply").code == 0
    assert hub.requests("POST") == ["/git/tags", "/git/refs", "/git/refs", "/git/tags", "/git/refs"]
    is_true(world)


@pytest.mark.slow
def test_killed_after_each_request_and_run_again_it_is_the_same(
    waiting: World, tmp_path: Path, contract: Contract | None
) -> None:
    """By SIGKILL, before every request, fetch and ref, and after the last."""
    numbers = itertools.count()
    with strict_hub(tmp_path / "hub", contract) as hub:
        hub.tokens[SECRET] = ROBOT
        env = {**hub.environ, "GH_ENTERPRISE_TOKEN": SECRET}
        worlds: dict[Path, World] = {}

        def fresh() -> Path:
            world = copy_world(waiting, tmp_path / f"world-{next(numbers)}")
            hub.repositories.clear()
            place = tmp_path / "hub" / "acme"
            if place.exists():
                place.rename(tmp_path / f"old-{next(numbers)}")
            made = move_to(hub, world)
            made.push_rules.append(partial(no_foreign_workflows, made))
            worlds[world.clone("author")] = world
            return world.clone("author")

        tried = 0
        for kill, _, place in run_killed(["apply"], fresh, env=env):
            again = run_program(["apply"], place, Kill(), env)
            assert again.code == 0, (kill, again.err)
            is_true(worlds[place])
            tried += 1
        assert tried >= 8


def test_two_runs_in_one_moment_make_one_truth(hub: Hub, here: Hosted, run: Run, world: World) -> None:
    """The second run comes between the first one's requests, wherever that is."""
    others: list[int] = []

    def another() -> None:
        env = {**hub.environ, "GH_ENTERPRISE_TOKEN": SECRET}
        others.append(run_program(["apply"], world.clone("other"), env=env).code)

    world.new_clone("other")
    address = git(world.clone("author"), "remote", "get-url", "origin")
    world.git("other", "remote", "set-url", "origin", address)
    hub.trouble = [lambda: None, lambda: None, another]
    assert run("apply").code == 0
    assert others == [0]
    is_true(world)


def test_two_promotions_of_one_alias_merged_in_a_row_come_true_in_their_order(
    hub: Hub, here: Hosted, run: Run, world: World
) -> None:
    assert run("apply").code == 0
    hub.tokens[SECRET] = User("ada")
    assert run("promote", "m@2", "--to", "prod", "--reason", "forward").code == 0
    assert run("promote", "m@2", "--to", "shadow", "--reason", "compare").code == 0
    world.git("author", "fetch", "-q", "origin")
    world.git("author", "checkout", "-q", "-B", "both", "origin/promote/m-prod-4")
    place = world.clone("author") / "models" / "m" / "aliases.yaml"
    merge(here, 1, User("rita"))
    # The second one goes on from the first, as who resolves the conflict of the two would have it.
    text = place.read_text()
    place.write_text(text.replace("assignment: 4", "assignment: 5").replace("forward", "once more"))
    world.git("author", "commit", "-q", "-am", "Once more")
    world.git("author", "push", "-q", "origin", "both")
    pull = here.open_pull(User("ada"), {"title": "t", "head": "both", "base": "main"})
    merge(here, pull.number, User("rita"))
    ended = run("apply")
    assert world.numbers("prod") == [1, 2, 3, 4, 5], ended.err
    assert world.meaning("prod") == "2"


def test_a_change_that_cannot_be_merged_is_refused_by_github(here: Hosted, hub: Hub, world: World) -> None:
    """Two promotions of one alias from the same main: the second one conflicts, and starts no checks."""
    hub.tokens[SECRET] = User("ada")
    for branch, text in (("one", b"a\n"), ("two", b"b\n")):
        world.git("author", "fetch", "-q", "origin")
        world.git("author", "checkout", "-q", "-B", branch, "origin/main")
        (world.clone("author") / "models" / "m" / "README.md").write_bytes(text)
        world.git("author", "add", "-A", "models")
        world.git("author", "commit", "-q", "-m", branch)
        world.git("author", "push", "-q", "origin", branch)
    pulls = [
        here.open_pull(User("ada"), {"title": "t", "head": branch, "base": "main"}).number
        for branch in ("one", "two")
    ]
    merge(here, pulls[0], User("rita"))
    with pytest.raises(Refusal):
        merge(here, pulls[1], User("rita"))


def test_a_rollback_whose_push_is_refused_goes_by_requests_too(
    hub: Hub, here: Hosted, run: Run, world: World
) -> None:
    """Its tag points at an old commit, whose workflows are on no branch any more."""
    assert run("apply").code == 0
    ended = run("rollback", "m", "--to", "2", "--reason", "one was worse")
    assert world.numbers("prod") == [1, 2, 3, 4], ended.err
    assert world.meaning("prod") == "2"
