"""Worlds for those who use the library: m@1 went the whole route, built once a session and copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.world import PEOPLE, ROUTE, World, copy_world, new_world


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> World:
    """prod means m@1, and everybody has fetched that."""
    world = new_world(tmp_path_factory.mktemp("template") / "world")
    world.release("one", *ROUTE)
    for who in PEOPLE:
        world.git(who, "fetch", "-q", "--tags", "origin")
        world.git(who, "checkout", "-q", "-B", "main", "origin/main")
    return world.pack()


@pytest.fixture
def world(template: World, tmp_path: Path) -> World:
    return copy_world(template, tmp_path / "world")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """What a training wrote."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    return folder
