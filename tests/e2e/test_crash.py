"""Every command, killed by SIGKILL before each of its effects in turn and after the last, then simply run again.

What it comes to must be what an undisturbed run comes to: the same refs, the same tags, the same objects, one whole
release. DESIGN.md, section 4, invariant 4: no assignment is lost, none is doubled, whatever is killed when.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.conftest import NewWorld
from tests.e2e.invariants import check_invariants
from tests.support.crash import Kill, run_killed, run_program
from tests.support.trained import trained
from tests.support.world import ROUTE, World, copy_world, files_below, git, refs

pytestmark = pytest.mark.slow

_OBJECTS: dict[str, str] = {}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?Z?|\d{8}T\d{6}Z")


@dataclass(frozen=True)
class Case:
    """A command, who gives it, and what it is given in."""

    args: tuple[str, ...]
    who: str = "author"
    template: str = "live_world"
    before: Callable[[World], object] = lambda _: None
    effects: int = 3
    applied: bool = False


def _waiting(world: World) -> None:
    """Two merges that wait for `apply`: a promotion of two tags, and the first version of another model."""
    world.release("three", "staging", "canary")
    world.promote(3, "prod")
    world.merge("promote/m-prod-3")
    world.register(world.train("other"), "n")
    world.merge("register/n-1")
    world.git("ci", "fetch", "-q", "--no-tags", "origin")


def _live_at_once(world: World) -> None:
    for version, seed in enumerate(("one", "two"), 1):
        world.register(world.train(seed))
        for alias in ROUTE:
            world.promote(version, alias)


def _unused(world: World) -> None:
    for seed in ("three", "four"):
        world.release(seed, *ROUTE)


def _pulled(*references: str) -> Callable[[World], None]:
    def pull(world: World) -> None:
        world.git("consumer", "fetch", "-q", "origin")
        for reference in references:
            assert world.cli("consumer", "pull", reference, "--to", "../srv").code == 0

    return pull


CASES = {
    "register a new model": Case(
        ("register", "../out/new", "--model", "fresh"), before=lambda world: world.train("new"), effects=9
    ),
    "register a version": Case(
        ("register", "../out/new", "--model", "m"), before=lambda world: world.train("new"), effects=9
    ),
    "promote": Case(
        ("promote", "m@3", "--to", "prod", "--reason", "better"),
        before=lambda world: world.release("three", "staging", "canary"),
        effects=5,
    ),
    "apply": Case(("apply",), "ci", before=_waiting, effects=9),
    "apply without pushing": Case(("apply", "--no-push"), "ci", before=_waiting, effects=5),
    "rollback": Case(("rollback", "m", "--reason", "slow"), effects=8),
    "record": Case(("record",), before=lambda world: world.roll_back_by_hand("prod", 1), effects=5),
    "archive": Case(("archive", "m@1", "--reason", "withdrawn data"), before=_unused, effects=5),
    "evaluate": Case(
        ("evaluate", "m@1", "--metrics", "../out/new/metrics.json"),
        before=lambda world: world.train("new"),
        effects=5,
    ),
    "evaluate at once": Case(
        ("evaluate", "m@1", "--metrics", "../out/one/metrics.json"),
        template="direct_world",
        before=lambda world: world.register(world.train("one")),
        effects=5,
    ),
    "register at once": Case(
        ("register", "../out/new", "--model", "m"),
        template="direct_world",
        before=lambda world: world.train("new"),
        effects=12,
        applied=True,
    ),
    "promote at once": Case(
        ("promote", "m@1", "--to", "staging", "--reason", "better"),
        template="direct_world",
        before=lambda world: world.register(world.train("one")),
        effects=8,
        applied=True,
    ),
    "rollback at once": Case(
        ("rollback", "m", "--reason", "slow"),
        template="direct_world",
        before=_live_at_once,
        effects=8,
        applied=True,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_killed_command_that_is_run_again_comes_to_the_same_end(
    name: str, request: pytest.FixtureRequest, copies: NewWorld
) -> None:
    case = CASES[name]
    template = copies(request.getfixturevalue(case.template))
    case.before(template)
    template.pack()
    calm = copies(template)
    assert calm.cli(case.who, *case.args).code == 0
    end = _state(calm)
    known = set(template.tags())
    worlds: dict[Path, World] = {}

    def fresh() -> Path:
        world = copies(template)
        worlds[world.clone(case.who)] = world
        return world.clone(case.who)

    count = 0
    for kill, died, place in run_killed(case.args, fresh):
        world, at = worlds[place], f"{kill}: {died.effects[-1:]}"
        count += 1
        assert died.killed, at
        _check_halfway(world, known, at)
        again = run_program(case.args, place)
        if case.applied:
            # The first run may have got as far as main: then the second says so, and `apply` finishes it.
            assert again.code in (0, 1), f"{at}: {again.err}"
            assert "Traceback" not in again.err, at
            again = world.cli(case.who, "apply")
        assert again.code == 0, f"{at}: {again.err}"
        assert _state(world) == end, at
        check_invariants(world)
    assert count >= case.effects, "fewer effects than expected: is one of them not watched any more?"


def _state(world: World) -> Mapping[str, object]:
    """All that matters outside, with the moments of the day left out, and the object ids that follow from them."""
    tags = {
        name: [
            line
            for line in _object(world, oid).splitlines()
            if not line.startswith(("tagger ", "object ", "Manifest", "Version-Tag", "Previous-Tag"))
        ]
        for name, oid in world.tags().items()
    }
    trees = {
        branch: {
            _MOMENT.sub("…", line.partition("\t")[2]): _MOMENT.sub("…", _object(world, line.split()[2]))
            for line in git(world.hub, "ls-tree", "-r", branch).splitlines()
        }
        for branch in refs(world.hub, "refs/heads/")
    }
    local = {name: set(refs(world.clone(name), "refs/tags/")) for name in ("author", "ci")}
    return {"tags": tags, "branches": trees, "objects": world.objects(), "local": local}


def _object(world: World, oid: str) -> str:
    """The text of an object; asked once, an id never means anything else."""
    if oid not in _OBJECTS:
        _OBJECTS[oid] = git(world.hub, "cat-file", "-p", oid)
    return _OBJECTS[oid]


def _check_halfway(world: World, known: set[str], at: str) -> None:
    """Nothing half: the tags of one decision are there together, and none is here that is not on the remote."""
    assert git(world.hub, "fsck", "--strict", "--no-dangling") == "", at
    made = {name: git(world.hub, "rev-parse", f"{name}^{{commit}}") for name in world.tags().keys() - known}
    if "m#prod#3" in made or "m#prev_prod#2" in made:
        reviewed = {name for name in made if name in ("m#prod#3", "m#prev_prod#2")}
        rollback = (
            "Previous-Version: 2" in git(world.hub, "cat-file", "tag", "m#prod#3") and len(reviewed) == 1
        )
        assert rollback or len(reviewed) == 2, at
    assert world.cli("consumer", "list").code == 0, at


PULLS: dict[str, tuple[tuple[str, ...], str, str | None, str]] = {
    "the first": ((), "m@prod", None, "two"),
    "a newer one": (("m@1",), "m@prod", "one", "two"),
    "back to the one before": (("m@1", "m@2"), "m@1", "two", "one"),
    "a third, which drops the oldest": (("m@1", "m@2"), "m@3", "two", "three"),
}


@pytest.mark.parametrize("name", PULLS)
def test_a_killed_pull_shows_one_whole_release_at_every_moment(
    name: str, live_world: World, copies: NewWorld
) -> None:
    earlier, reference, before, after = PULLS[name]
    template = copies(live_world)
    if reference == "m@3":
        template.release("three")
    _pulled(*earlier)(template)
    template.git("consumer", "fetch", "-q", "origin")
    places: list[World] = []

    def fresh() -> Path:
        places.append(copies(template))
        return places[-1].clone("consumer")

    args = ("pull", reference, "--to", "../srv")
    count = 0
    for kill, died, place in run_killed(args, fresh):
        at = f"{kill}: {died.effects[-1:]}"
        count += 1
        target = places[-1].root / "srv"
        current = target / "current"
        if before is None and not current.is_symlink():
            assert not current.exists(), at
        else:
            assert files_below(current.resolve()) in [trained(one) for one in (before, after) if one], at
        again = run_program(args, place)
        assert again.code == 0, f"{at}: {again.err}"
        assert files_below(current.resolve()) == trained(after), at
        assert not list((target / ".modelmark").glob("staged-*")), at
        assert len(list((target / "releases").iterdir())) <= 2, at
        for release in (target / "releases").iterdir():
            assert files_below(release) in [trained(one) for one in ("one", "two", "three")], at
    assert count >= 5


def test_the_runner_names_the_effects_and_kills_at_one(live: World) -> None:
    """What a person uses to look at one point: `python -m tests.support.crash`."""
    runner = [sys.executable, "-m", "tests.support.crash"]
    command = ["--", "-C", str(live.clone("author")), "promote", "m@1", "--to", "shadow", "--reason", "why"]
    root = Path(__file__).parents[2]
    died = subprocess.run(
        [*runner, "--kill", "3", "--after", *command], cwd=root, capture_output=True, text=True, check=False
    )
    assert died.returncode == -9
    assert died.stderr.splitlines()[-1].startswith("3 ")
    assert subprocess.run([*runner, *command], cwd=root, capture_output=True, check=False).returncode == 0
    assert "promote/m-shadow-1" in live.branches()


def test_what_a_killed_run_leaves_in_the_storage_is_no_object(live: World) -> None:
    live.train("new")
    args = ("register", "../out/new", "--model", "m")
    died = run_program(args, live.clone("author"), Kill(8))
    assert died.killed
    assert run_program(args, live.clone("author")).code == 0
    live.merge("register/m-3")
    live.apply()
    assert live.cli("ci", "verify", "--all", "--content").code == 0
    assert copy_world(live, live.root.parent / "copy").objects() == live.objects()
