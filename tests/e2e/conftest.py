"""Worlds to play in: built once a session, copied for each test."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from modelmark import Way
from tests.support.world import PEOPLE, ROUTE, World, copy_world, new_world

NewWorld = Callable[[World], World]


@pytest.fixture(scope="session")
def empty_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A registry without a model."""
    return new_world(tmp_path_factory.mktemp("empty") / "world")


@pytest.fixture(scope="session")
def live_world(empty_world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """m@1 and then m@2 went the whole route; prod means 2, prev_prod means 1; everybody has fetched that."""
    world = copy_world(empty_world, tmp_path_factory.mktemp("live") / "world")
    for seed in ("one", "two"):
        world.release(seed, *ROUTE)
    for who in PEOPLE:
        world.git(who, "fetch", "-q", "--tags", "origin")
        world.git(who, "checkout", "-q", "-B", "main", "origin/main")
    return world.pack()


@pytest.fixture(scope="session")
def direct_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A registry with `promotion: direct`."""
    return new_world(tmp_path_factory.mktemp("direct") / "world", Way.DIRECT)


@pytest.fixture
def copies(tmp_path: Path) -> NewWorld:
    """Makes copies of worlds, as many as a test needs."""
    number = count(1)
    return lambda template: copy_world(template, tmp_path / f"world-{next(number)}")


@pytest.fixture
def world(empty_world: World, copies: NewWorld) -> World:
    return copies(empty_world)


@pytest.fixture
def live(live_world: World, copies: NewWorld) -> World:
    return copies(live_world)


@pytest.fixture
def direct(direct_world: World, copies: NewWorld) -> World:
    return copies(direct_world)
