"""What stays in a target between pulls: N releases, the record beside them, and what was seen of the registry."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from modelmark.adapters.releases import ABOUT, BESIDE, OWN, Directories
from modelmark.domain.memory import Seen
from modelmark.errors import CouldNot, InvalidInput
from tests.adapters.test_releases import ONE, THREE, TWO, kept, put, seen, sizes
from tests.support.disks import make_read_only, small_disk

SEEN = Seen("6f0c", {"m#prod#1": "a" * 40})


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "app"


def test_the_record_beside_the_releases_swaps_with_them(target: Path) -> None:
    put(target, "m-1-aa", ONE)
    assert json.loads((target / BESIDE).read_bytes())["tag"] == "m-1-aa"
    put(target, "m-2-bb", TWO)
    assert json.loads((target / BESIDE).read_bytes())["tag"] == "m-2-bb"
    assert (target / BESIDE).is_symlink()


@pytest.mark.parametrize("make", [Path.touch, Path.mkdir, lambda path: path.symlink_to("/etc/passwd")])
def test_a_record_that_is_not_ours_is_not_replaced(target: Path, make: object) -> None:
    target.mkdir()
    assert callable(make)
    make(target / BESIDE)
    with pytest.raises(InvalidInput, match=r"modelmark\.json is not a link of ours"):
        put(target, "m-1-aa", ONE)
    assert not (target / "current").exists()


@pytest.mark.parametrize(
    ("keep", "left"),
    [(1, ["m-3-cc"]), (2, ["m-2-bb", "m-3-cc"]), (9, ["m-1-aa", "m-2-bb", "m-3-cc"])],
)
def test_so_many_releases_stay(target: Path, keep: int, left: list[str]) -> None:
    for name, files in (("m-1-aa", ONE), ("m-2-bb", TWO), ("m-3-cc", THREE)):
        put(target, name, files, keep=keep)
    assert kept(target) == left
    assert seen(target) == THREE


def test_what_others_keep_in_a_folder_of_that_name_is_left_alone(target: Path) -> None:
    for name in ("2024-01", "2024-02"):
        (target / "releases" / name).mkdir(parents=True)
        (target / "releases" / name / "precious").write_text("theirs")
    (target / "releases/latest").symlink_to("2024-02")
    for name, files in (("m-1-aa", ONE), ("m-2-bb", TWO), ("m-3-cc", THREE)):
        put(target, name, files, keep=1)
    assert kept(target) == ["2024-01", "2024-02", "latest", "m-3-cc"]
    assert (target / "releases/2024-01/precious").read_text() == "theirs"


def test_the_release_that_was_visible_last_stays_whichever_came_first(target: Path) -> None:
    for name, files in (("m-1-aa", ONE), ("m-2-bb", TWO), ("m-1-aa", ONE), ("m-3-cc", THREE)):
        put(target, name, files)
    assert kept(target) == ["m-1-aa", "m-3-cc"]


def test_a_pull_that_finds_nothing_new_writes_nothing(target: Path) -> None:
    put(target, "m-1-aa", ONE)
    before = {path: (path.lstat().st_mtime_ns, path.lstat().st_ino) for path in target.rglob("*")}
    put(target, "m-1-aa", ONE)
    assert {path: (path.lstat().st_mtime_ns, path.lstat().st_ino) for path in target.rglob("*")} == before


def test_a_file_that_was_written_to_since_is_read_again_though_its_size_is_the_same(target: Path) -> None:
    put(target, "m-1-aa", ONE)
    (target / "current/model.bin").write_bytes(b"evi" * 1000)
    assert not Directories().holds(target, "m-1-aa", sizes(ONE))
    put(target, "m-1-aa", ONE)
    assert seen(target) == ONE


def test_a_file_that_was_only_touched_is_read_once_and_not_at_each_poll(target: Path) -> None:
    put(target, "m-1-aa", ONE)
    at = (target / "current" / ABOUT).stat().st_mtime_ns + 3600 * 10**9
    os.utime(target / "current/model.bin", ns=(at, at))
    assert not Directories().holds(target, "m-1-aa", sizes(ONE))
    put(target, "m-1-aa", ONE)
    assert Directories().holds(target, "m-1-aa", sizes(ONE))


def test_what_was_seen_is_remembered_and_nothing_is_what_was_never_seen(target: Path) -> None:
    directories = Directories()
    with directories.lock(target):
        assert directories.seen(target) == Seen()
        directories.remember(target, SEEN)
        assert directories.seen(target) == SEEN


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"tags": {}}', b'{"registry": "x", "tags": 7}', b"\xff", b"[" * 200_000]
)
def test_a_memory_that_cannot_be_read_is_not_taken_for_a_first_sight(target: Path, damage: bytes) -> None:
    directories = Directories()
    with directories.lock(target):
        directories.remember(target, SEEN)
        (target / OWN / "seen.json").write_bytes(damage)
        with pytest.raises(CouldNot, match=r"seen\.json cannot be read"):
            directories.seen(target)


def test_a_kill_while_it_is_written_leaves_the_memory_before(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directories = Directories()
    with directories.lock(target):
        directories.remember(target, SEEN)

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            directories.remember(target, Seen("6f0c", {}))
        assert directories.seen(target) == SEEN


def test_a_target_that_may_only_be_read_still_says_what_is_visible(target: Path) -> None:
    with small_disk(target, "1m"):
        put(target, "m-1-aa", ONE)
        make_read_only(target)
        assert put(target, "m-1-aa", ONE) == target / "current"
        with pytest.raises(CouldNot, match="cannot be written: Read-only file system"):
            put(target, "m-2-bb", TWO)
        assert seen(target) == ONE


def test_the_record_of_a_release_that_is_visible_changes_without_it(target: Path) -> None:
    put(target, "m-1-aa", ONE)
    inode = (target / "current/model.bin").stat().st_ino
    with Directories().lock(target):
        Directories().publish(target, None, "m-1-aa", {"tag": "m-1-aa", "assignment": "m#prod#2"}, 2)
    assert json.loads((target / "current" / ABOUT).read_bytes())["assignment"] == "m#prod#2"
    assert (target / "current/model.bin").stat().st_ino == inode
