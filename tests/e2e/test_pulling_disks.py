"""A consumer's disks: full in the target, in the cache, or in the one beside the other; and two that share nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.test_pulling import LARGE, current, files_of, large_world, pull
from tests.support.crash import COULD_NOT, says
from tests.support.disks import can_clone, cloning_disk, small_disk, used
from tests.support.world import World

__all__ = ["large_world"]


@pytest.fixture
def large(large_world: World, tmp_path: Path) -> World:
    return World(shutil.copytree(large_world.root, tmp_path / "world", symlinks=True))


@pytest.mark.parametrize("where", ["target", "cache", "beside"])
def test_a_full_disk_is_named_and_left_as_empty_as_before(large: World, where: str) -> None:
    if where == "cache" and can_clone(large.root):
        pytest.skip("a storage that is near is cloned, past the cache")
    with small_disk(large.root / where, "4m") as disk:
        options = {"target": (), "cache": ("--cache", str(disk)), "beside": ("--cache", "roomy")}[where]
        to = "srv" if where == "cache" else where
        full = f"no space left in {disk if where == 'cache' else to}"
        says(pull(large, "m@1", *options, to=to), COULD_NOT, full)
        assert not (large.root / to / "current").exists()
        used = sum(path.stat().st_size for path in disk.rglob("weights*") if path.is_file())
        assert used == 0
        assert not [path for path in disk.rglob("*") if path.parent.name == "partial"]


def test_a_cache_on_another_disk_is_copied_from(large: World) -> None:
    with small_disk(large.root / "cache", "64m") as disk:
        for to in ("one", "two"):
            assert pull(large, "m@1", "--cache", str(disk), to=to).code == 0
            assert current(large, to) == files_of("one")
    assert current(large, "two") == files_of("one")


def test_a_full_temporary_disk_is_in_nobodys_way(large: World) -> None:
    with small_disk(large.root / "tmp", "64k") as disk:
        (disk / "fill").touch()
        with suppress(OSError), (disk / "fill").open("ab", buffering=0) as stream:
            for _ in range(100):
                stream.write(b"\0" * 4096)
        program = [
            sys.executable,
            "-m",
            "modelmark",
            "pull",
            "m@1",
            "--registry",
            str(large.hub),
            "--to",
            "srv",
        ]
        done = subprocess.run(
            program,
            cwd=large.root,
            env={**os.environ, "TMPDIR": str(disk)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert current(large) == files_of("one")


def test_where_the_disk_can_clone_a_release_costs_no_room_and_is_nobody_elses_file(
    large: World, tmp_path: Path
) -> None:
    with cloning_disk(tmp_path / "disk") as disk:
        world = World(shutil.copytree(large.root, disk / "world", symlinks=True))
        before, stored = used(disk), world.objects()
        done = pull(world, "m@1", "--json")
        assert (done.code, json.loads(done.out)["fetched"]) == (0, 0), done.err
        assert current(world) == files_of("one")
        assert used(disk) - before < LARGE, "less than one of two files of weights"
        weights = (world.root / "srv/current/weights-1.bin").resolve()
        weights.chmod(0o644)
        with weights.open("r+b") as file:
            file.write(b"changed")
        assert world.objects() == stored, "it is a file of its own"
        says(pull(world, "m@1"), 0, "m@1 verified")
        assert current(world) == files_of("one"), "and what was changed is brought again"
