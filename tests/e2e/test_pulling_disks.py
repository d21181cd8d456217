"""A consumer's disks: full in the target, in the cache, or in the one beside the other; and two that share nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.test_pulling import current, files_of, large_world, pull
from tests.support.crash import COULD_NOT, says
from tests.support.world import World

__all__ = ["large_world"]


@pytest.fixture
def large(large_world: World, tmp_path: Path) -> World:
    return World(shutil.copytree(large_world.root, tmp_path / "world", symlinks=True))


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if os.getuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("needs the right to mount a tmpfs")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("where", ["target", "cache", "beside"])
def test_a_full_disk_is_named_and_left_as_empty_as_before(large: World, where: str) -> None:
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
