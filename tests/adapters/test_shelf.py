"""What is on a consumer's disk: which release is visible, back to an older one, and what a watch wrote down."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from modelmark.adapters.releases import ABOUT, Directories
from modelmark.adapters.shelf import Shelf
from modelmark.domain.watching import Memory, Rejected, Release
from modelmark.errors import Corrupt, CouldNot, Missing

SHELF = Shelf()


def put(target: Path, version: str) -> Release:
    """What `pull` leaves."""
    directories, name = Directories(), f"m-{version}-abc"
    about = {
        "model": "m",
        "version": version,
        "tag": f"m@v{version}",
        "assignment": f"m#prod#{version}",
        "assignment_id": f"id-{version}",
        "manifest_sha256": "0" * 64,
    }
    with directories.lock(target):
        if (target / "releases" / name).exists():
            directories.publish(target, None, name, about, 2)
        else:
            with directories.stage(target) as staged:
                (staged / "model.bin").write_text(version)
                directories.publish(target, staged, name, about, 2)
    return Release(name, "m", version, f"m@v{version}", f"m#prod#{version}", f"id-{version}", "0" * 64)


def shown(target: Path) -> str:
    return (target / "current" / "model.bin").read_text()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "srv"


def test_what_is_visible_says_what_it_is(target: Path) -> None:
    assert SHELF.visible(target) is None
    put(target, "1")
    two = put(target, "2")
    assert SHELF.visible(target) == two


def test_a_release_that_was_no_assignment_has_an_empty_one(target: Path) -> None:
    put(target, "1")
    about = target / "current" / ABOUT
    about.write_text(json.dumps({**json.loads(about.read_text()), "assignment": None, "assignment_id": None}))
    found = SHELF.visible(target)
    assert found is not None
    assert (found.assignment, str(found)) == ("", "m@1")


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"version": 3}', '{"version": {}}', "\xff"])
def test_a_damaged_description_is_none(target: Path, damage: str) -> None:
    put(target, "1")
    (target / "current" / ABOUT).write_text(damage, encoding="latin-1")
    found = SHELF.visible(target)
    assert found is None or found.assignment == found.version == ""


def test_a_link_of_somebody_else_is_none(target: Path) -> None:
    target.mkdir()
    (target / "current").symlink_to("/etc")
    assert SHELF.visible(target) is None


def test_an_older_release_comes_back_in_one_swap(target: Path) -> None:
    one, two = put(target, "1"), put(target, "2")
    SHELF.restore(target, one)
    assert (shown(target), SHELF.visible(target)) == ("1", one)
    SHELF.restore(target, two)
    assert shown(target) == "2"


def test_what_came_back_outlives_the_next_pull(target: Path) -> None:
    one = put(target, "1")
    put(target, "2")
    for path in sorted((target / "releases").iterdir()):
        os.utime(path, (1_000_000, 1_000_000 + ord(path.name[2])))
    SHELF.restore(target, one)
    put(target, "3")
    SHELF.restore(target, one)
    assert shown(target) == "1"


def test_the_release_to_go_back_to_outlives_pulls_that_nobody_took(target: Path) -> None:
    one = put(target, "1")
    put(target, "2")
    for path in sorted((target / "releases").iterdir()):
        os.utime(path, (1_000_000, 1_000_000 + ord(path.name[2])))
    SHELF.keep(target, one)
    put(target, "3")
    SHELF.restore(target, one)
    assert shown(target) == "1"
    SHELF.keep(target, Release("m-9-gone", *["x"] * 6))


@pytest.mark.parametrize("how", ["write", "add", "link"])
def test_a_release_that_was_written_to_does_not_come_back_and_is_not_taken_for_verified(
    target: Path, how: str
) -> None:
    one = put(target, "1")
    put(target, "2")
    release = target / "releases" / one.name
    if how == "write":
        (release / "model.bin").write_text("x")
    elif how == "add":
        (release / "more.bin").write_text("x")
    else:
        (release / "more.bin").symlink_to("/etc/passwd")
    late = (release / ABOUT).stat().st_mtime_ns + 1_000_000
    for path in release.iterdir():
        if path.name != ABOUT:
            os.utime(path, ns=(late, late), follow_symlinks=False)
    with pytest.raises(Corrupt, match="was written to since it was verified"):
        SHELF.restore(target, one)
    assert shown(target) == "2"


def test_what_came_back_is_still_known_to_have_been_written_to_later(target: Path) -> None:
    one = put(target, "1")
    put(target, "2")
    release = target / "releases" / one.name
    SHELF.restore(target, one)
    late = (release / ABOUT).stat().st_mtime_ns + 1
    os.utime(release / "model.bin", ns=(late, late))
    assert not Directories().holds(target, one.name, {"model.bin": 1})


def test_there_is_one_watch_of_a_directory(target: Path) -> None:
    with (
        SHELF.alone(target),
        pytest.raises(CouldNot, match=r"another watch keeps .* up to date"),
        SHELF.alone(target),
    ):
        pass
    with SHELF.alone(target):
        pass


def test_a_release_that_is_gone_or_damaged_does_not_come_back(target: Path) -> None:
    one = put(target, "1")
    put(target, "2")
    (target / "releases" / one.name / ABOUT).unlink()
    with pytest.raises(Missing, match=r"m-1-abc is not in .* any more"):
        SHELF.restore(target, one)
    assert shown(target) == "2"


def test_a_memory_is_read_as_it_was_written(target: Path) -> None:
    assert SHELF.recall(target) is None
    one = Release("m-1-abc", "m", "1", "m@v1", "m#prod#1", "id-1", "0" * 64)
    for memory in (
        Memory(),
        Memory(one),
        Memory(one, Rejected("m#prod#2", "id-2", "2", 3, "exit 1", 7.5), untold=True),
    ):
        SHELF.remember(target, memory)
        assert SHELF.recall(target) == memory
    assert [path.name for path in (target / ".modelmark").iterdir()] == ["watch.json"]


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"accepted": 7, "rejected": {"tries": "x"}}', b"\xff"]
)
def test_a_damaged_memory_knows_nothing_but_that_there_was_a_watch(target: Path, damage: bytes) -> None:
    SHELF.remember(target, Memory())
    (target / ".modelmark" / "watch.json").write_bytes(damage)
    assert SHELF.recall(target) == Memory()


def test_where_it_cannot_write_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CouldNot, match="cannot be written"):
        SHELF.remember(tmp_path / "file", Memory())


def test_where_the_swap_is_not_possible_the_same_stays_visible(target: Path) -> None:
    one = put(target, "1")
    put(target, "2")
    (target / ".modelmark" / "current").mkdir()  # stands for a disk that takes no new link
    with pytest.raises(CouldNot, match="cannot be written"):
        SHELF.restore(target, one)
    assert shown(target) == "2"
