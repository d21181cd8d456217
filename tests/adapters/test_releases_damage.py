"""Damaged releases: what is not exactly what was verified never becomes visible again, and is fetched anew."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from modelmark.adapters.releases import ABOUT, Directories
from tests.adapters.test_releases import ONE, TWO, put, seen, sizes, sums


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "app"


def spoil_content(release: Path) -> None:
    (release / "model.bin").write_bytes(b"evi" * 1000)


def spoil_size(release: Path) -> None:
    (release / "model.bin").write_bytes(b"")


def add_file(release: Path) -> None:
    (release / "sitecustomize.py").write_bytes(b"evil")


def remove_file(release: Path) -> None:
    (release / "deep/er/labels.json").unlink()


def link_file(release: Path) -> None:
    (release / "model.bin").rename(release.parent / "elsewhere")
    (release / "model.bin").symlink_to(release.parent / "elsewhere")


def link_folder(release: Path) -> None:
    (release / "deep/er").rename(release.parent / "elsewhere")
    (release / "deep/er").symlink_to(release.parent / "elsewhere")


def pipe(release: Path) -> None:
    (release / "model.bin").unlink()
    os.mkfifo(release / "model.bin")


def folder(release: Path) -> None:
    (release / "model.bin").unlink()
    (release / "model.bin").mkdir()


def link_release(release: Path) -> None:
    place = release.rename(release.with_name("elsewhere"))
    release.symlink_to(place)


def link_cache(release: Path) -> None:
    (release / "__pycache__").symlink_to(release.parent)


DAMAGES = [
    spoil_content,
    spoil_size,
    add_file,
    remove_file,
    link_file,
    link_folder,
    pipe,
    folder,
    link_release,
    link_cache,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_poisoned_older_release_is_fetched_again(target: Path, damage: Callable[[Path], None]) -> None:
    put(target, "m-1-aa", ONE)
    put(target, "m-2-bb", TWO)
    damage(target / "releases/m-1-aa")
    assert not Directories().verify(target, "m-1-aa", sums(ONE))
    put(target, "m-1-aa", ONE)
    assert seen(target) == ONE
    assert not (target / "current/model.bin").is_symlink()
    assert Directories().verify(target, "m-1-aa", sums(ONE))
    assert not list((target / ".modelmark").glob("staged-*"))


@pytest.mark.parametrize("damage", [spoil_size, add_file, remove_file, link_file, link_folder, pipe, folder])
def test_a_visible_release_that_was_damaged_is_put_right(
    target: Path, damage: Callable[[Path], None]
) -> None:
    put(target, "m-1-aa", ONE)
    damage(target / "releases/m-1-aa")
    assert not Directories().holds(target, "m-1-aa", sizes(ONE))
    put(target, "m-1-aa", ONE)
    assert seen(target) == ONE


def test_a_record_whose_writing_was_interrupted_is_no_damage(target: Path) -> None:
    put(target, "m-1-aa", ONE)
    (target / ".modelmark" / "about").write_text('{"tag": "half')
    assert Directories().holds(target, "m-1-aa", sizes(ONE))
    (target / "current" / ABOUT).unlink()
    put(target, "m-1-aa", ONE)
    assert json.loads((target / "current" / ABOUT).read_text())["tag"] == "m-1-aa"
    assert not (target / ".modelmark" / "about").exists()


def test_what_a_killed_run_left_is_removed_by_the_next(target: Path) -> None:
    put(target, "m-1-aa", ONE)
    own = target / ".modelmark"
    (own / "staged-dead/deep").mkdir(parents=True)
    (own / "staged-dead/deep/model.bin").write_bytes(b"half")
    (own / "current").symlink_to("releases/gone")
    put(target, "m-2-bb", TWO)
    assert seen(target) == TWO
    assert [path.name for path in own.iterdir()] == ["lock"]


def test_a_link_to_a_release_that_is_gone_is_put_right(target: Path) -> None:
    put(target, "m-1-aa", ONE)
    (target / "releases/m-1-aa").rename(target / "releases/away")
    assert not Directories().holds(target, "m-1-aa", sizes(ONE))
    put(target, "m-1-aa", ONE)
    assert seen(target) == ONE
