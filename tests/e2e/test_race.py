"""Twenty clones at once, each in a process of its own: what is recorded is one line of events, and losers are told."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import pytest

from tests.e2e.conftest import NewWorld
from tests.e2e.invariants import check_invariants, meanings, read_tags, version_of
from tests.support.crash import Finished, start_program
from tests.support.world import GitFailed, World, be, git, refs

pytestmark = pytest.mark.slow

RACERS = tuple(f"racer{number:02}" for number in range(20))


@pytest.fixture(scope="module")
def field(live_world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world with m@3 and m@4 ready for prod, and twenty more clones."""
    folder = tmp_path_factory.mktemp("field") / "world"
    shutil.copytree(live_world.root, folder, symlinks=True)
    world = World(folder)
    for seed in ("three", "four"):
        world.release(seed, "staging", "canary")
    for name in RACERS:
        git(folder, "clone", "-q", "--template=", "hub.git", name)
        git(world.clone(name), "remote", "set-url", "origin", "../hub.git")
        be(world.clone(name), name)
    return world


@pytest.fixture
def race(field: World, copies: NewWorld) -> World:
    return copies(field)


def _at_once(world: World, commands: dict[str, Sequence[str]]) -> dict[str, Finished]:
    running = {name: start_program(command, world.clone(name)) for name, command in commands.items()}
    done = {name: one.wait() for name, one in running.items()}
    for name, one in done.items():
        assert "Traceback" not in one.err, f"{name}: {one.err}"
    return done


def _check_no_strays(world: World) -> None:
    """No clone has a tag that the remote does not have, and nobody has a branch that he did not make."""
    there = world.tags().items()
    for name in RACERS:
        assert refs(world.clone(name), "refs/tags/").items() <= there, name
        assert set(refs(world.clone(name), "refs/heads/")) == {"main"}, name
        assert not [ref for ref in refs(world.clone(name), "refs/") if ref.startswith("modelmark")], name
    assert not [name for name in refs(world.hub, "refs/") if not name.startswith(("tags/", "heads/"))]


def test_of_twenty_rollbacks_at_once_one_wins_and_the_others_are_told(race: World) -> None:
    done = _at_once(
        race, {name: ["rollback", "m", "--to", "1", "--reason", f"seen by {name}"] for name in RACERS}
    )
    winners = [name for name, one in done.items() if one.code == 0]
    assert len(winners) == 1, {name: one.err for name, one in done.items()}
    assert race.numbers("prod") == [1, 2, 3]
    tags = check_invariants(race)
    assert f"seen by {winners[0]}" in git(race.hub, "cat-file", "tag", tags["m#prod#3"].oid)
    for name, one in done.items():
        if name != winners[0]:
            assert one.code == 1, f"{name}: {one.err}"
            told = f"m#prod#3 by {winners[0]} <{winners[0]}@example.org> means 1" in one.err
            assert told or "m@prod is already 1" in one.err, one.err
    _check_no_strays(race)


def test_every_rollback_that_says_it_was_done_was_done_and_no_other(race: World) -> None:
    """Without --to each goes one release further back; only as many succeed as there are releases."""
    for version in (3, 4):
        race.live(version, "prod")
    done = _at_once(race, {name: ["rollback", "m", "--reason", f"seen by {name}"] for name in RACERS})
    winners = {name for name, one in done.items() if one.code == 0}
    assert {one.code for one in done.values()} == {0, 1}, {name: one.err for name, one in done.items()}
    tags = check_invariants(race)
    made = {
        name: tag
        for name in RACERS
        for tag in tags.values()
        if f"seen by {name}" in git(race.hub, "cat-file", "tag", tag.oid)
    }
    assert made.keys() == winners
    assert [version_of(tags[f"m#prod#{number}"], tags) for number in race.numbers("prod")] == (
        ["1", "2", "3", "4", "3", "2", "1"][: 4 + len(winners)]
    )
    for name in set(RACERS) - winners:
        err = done[name].err
        assert "somebody else assigned prod" in err or "no reviewed assignment replaced" in err, err
    _check_no_strays(race)


def test_twenty_applies_at_once_all_say_yes_and_every_tag_is_there_once(race: World) -> None:
    race.promote(3, "prod")
    race.merge("promote/m-prod-3")
    race.register(race.train("other"), "n")
    race.merge("register/n-1")
    before = set(race.tags())
    done = _at_once(race, {name: ["apply"] for name in RACERS})
    assert {name: one.err for name, one in done.items() if one.code} == {}
    assert set(race.tags()) - before == {"m#prod#3", "m#prev_prod#2", "n@v1"}
    check_invariants(race)
    _check_no_strays(race)
    for name in RACERS:
        assert refs(race.clone(name), "refs/tags/") == race.tags(), name


def test_twenty_promotions_at_once_leave_one_branch(race: World) -> None:
    done = _at_once(
        race,
        {
            name: ["promote", f"m@{3 + number % 2}", "--to", "prod", "--reason", f"asked by {name}"]
            for number, name in enumerate(RACERS)
        },
    )
    winners = [name for name, one in done.items() if one.code == 0]
    assert len(winners) == 1
    assert race.branches() >= {"promote/m-prod-3"}
    assert git(race.hub, "log", "-1", "--format=%an", "promote/m-prod-3") == winners[0]
    for name in set(RACERS) - set(winners):
        assert done[name].code == 1
        assert "promote/m-prod-3" in done[name].err
    _check_no_strays(race)


def test_promotions_applies_and_rollbacks_at_once_make_one_history(race: World) -> None:
    """A promotion is merged; some apply it, some roll back, some by hand, some ask for the next one."""
    race.promote(3, "prod")
    race.merge("promote/m-prod-3")
    for name in RACERS:
        git(race.clone(name), "fetch", "-q", "origin")
    commands: dict[str, Sequence[str]] = {}
    for number, name in enumerate(RACERS):
        commands[name] = (
            ["apply"],
            ["rollback", "m", "--to", "1", "--reason", f"seen by {name}"],
            ["promote", "m@4", "--to", "prod", "--reason", f"asked by {name}"],
        )[number % 3]
    running = {name: start_program(command, race.clone(name)) for name, command in commands.items()}
    hand = _rolls_back_by_hand(race)
    done = {name: one.wait() for name, one in running.items()}
    for name, one in done.items():
        assert one.code in (0, 1), f"{name} {commands[name]}: {one.err}"
        assert "Traceback" not in one.err
    tags = check_invariants(race)
    numbers = race.numbers("prod")
    assert numbers == list(range(1, len(numbers) + 1))
    # Whoever was told yes stands in the history; whoever was told no does not.
    texts = {name: git(race.hub, "cat-file", "tag", tag.oid) for name, tag in tags.items()}
    for name, command in commands.items():
        if command[0] == "rollback":
            there = [tag for tag, text in texts.items() if f"seen by {name}" in text]
            assert len(there) == (done[name].code == 0), f"{name}: {done[name].err}"
    assert hand == ("by hand" in texts["m#prod#3"])
    reviewed = version_of(tags["m#prod#3"], tags) == "3"
    assert ("m#prev_prod#2" in tags) == reviewed, "prod and prev_prod of one decision stay together"
    assert race.meaning("prod") == meanings(read_tags(race.hub))["m#prod"]
    _check_no_strays(race)


def _rolls_back_by_hand(world: World) -> bool:
    """Plain Git among them; whether its tag got through."""
    clone = world.clone("consumer")
    git(clone, "fetch", "-q", "origin")
    try:
        git(clone, "tag", "-a", "m#prod#3", "m@v1^{}", "-m", "by hand")
        git(clone, "push", "-q", "origin", "m#prod#3")
    except GitFailed:
        return False
    return True
