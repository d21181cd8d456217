"""Releases on a consumer's disk: `current` is always one whole, verified release, whoever looks and whatever was killed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from modelmark.adapters import releases as adapter
from modelmark.adapters.releases import ABOUT, Directories
from modelmark.errors import CouldNot, InvalidInput
from tests.support.disks import make_read_only, small_disk

ONE = {"model.bin": b"one" * 1000, "deep/er/labels.json": b"{}", "preprocess.py": b"X = 1\n"}
TWO = {"model.bin": b"two" * 1000, "deep/er/labels.json": b"{}", "preprocess.py": b"X = 2\n"}
KEEP = 2
THREE = {"model.bin": b"333" * 1000}


def sizes(files: Mapping[str, bytes]) -> dict[str, int]:
    return {path: len(data) for path, data in files.items()}


def sums(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}


def put(target: Path, name: str, files: Mapping[str, bytes], keep: int = KEEP) -> Path:
    """What `pull` does: lock, look, fetch, publish."""
    directories = Directories()
    with directories.lock(target):
        if directories.holds(target, name, sizes(files)) or directories.verify(target, name, sums(files)):
            return directories.publish(target, None, name, {"tag": name}, keep)
        with directories.stage(target) as staged:
            for path, data in files.items():
                (staged / path).parent.mkdir(parents=True, exist_ok=True)
                (staged / path).write_bytes(data)
            return directories.publish(target, staged, name, {"tag": name}, keep)


def seen(target: Path) -> dict[str, bytes]:
    """What a consumer reads."""
    current = target / "current"
    found = {path.relative_to(current).as_posix(): path for path in current.rglob("*") if path.is_file()}
    return {path: place.read_bytes() for path, place in found.items() if path != ABOUT}


def kept(target: Path) -> list[str]:
    return sorted(path.name for path in (target / "releases").iterdir())


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "app"


# --- making visible -----------------------------------------------------------------------------------------------


def test_a_release_is_visible_whole_with_a_record_of_what_it_is(target: Path) -> None:
    assert put(target, "m-1-aa", ONE) == target / "current"
    assert (target / "current").readlink() == Path("releases/m-1-aa")
    assert seen(target) == ONE
    about = json.loads((target / "current" / ABOUT).read_text())
    assert about["tag"] == "m-1-aa"
    assert about["pulled_at"].endswith("Z")


def test_the_target_can_be_moved_as_a_whole(target: Path) -> None:
    put(target, "m-1-aa", ONE)
    moved = target.rename(target.with_name("moved"))
    assert seen(moved) == ONE
    assert Directories().holds(moved, "m-1-aa", sizes(ONE))


def test_others_may_read_a_release(target: Path) -> None:
    put(target, "m-1-aa", ONE)
    assert (target / "releases/m-1-aa").stat().st_mode & 0o777 == 0o755


def test_a_reader_never_sees_anything_but_one_whole_release(target: Path) -> None:
    put(target, "m-1-aa", ONE)
    stop, wrong, looks = threading.Event(), list[object](), 0

    def look() -> None:
        nonlocal looks
        while not stop.is_set():
            try:
                # A consumer follows the link once, and keeps what it found.
                place = (target / "current").resolve(strict=True)
                found = {path: (place / path).read_bytes() for path in ONE}
            except OSError as error:
                wrong.append(error)
            else:
                wrong.extend([found] if found not in (ONE, TWO) else [])
            looks += 1

    reader = threading.Thread(target=look)
    reader.start()
    try:
        for _ in range(60):
            put(target, "m-2-bb", TWO)
            put(target, "m-1-aa", ONE)
    finally:
        stop.set()
        reader.join()
    assert looks > 10
    assert wrong == []


def test_the_visible_release_and_the_one_before_are_kept(target: Path) -> None:
    for name, files in (("m-1-aa", ONE), ("m-2-bb", TWO), ("m-3-cc", THREE)):
        put(target, name, files)
    assert kept(target) == ["m-2-bb", "m-3-cc"]
    put(target, "m-2-bb", TWO)
    assert kept(target) == ["m-2-bb", "m-3-cc"]
    put(target, "m-1-aa", ONE)
    assert kept(target) == ["m-1-aa", "m-2-bb"]
    assert seen(target) == ONE


def test_going_back_fetches_nothing(target: Path) -> None:
    put(target, "m-1-aa", ONE)
    inode = (target / "current/model.bin").stat().st_ino
    put(target, "m-2-bb", TWO)
    put(target, "m-1-aa", ONE)
    assert (target / "current/model.bin").stat().st_ino == inode


def test_what_python_leaves_behind_is_no_damage_and_does_not_come_back_unverified(target: Path) -> None:
    put(target, "m-1-aa", ONE)
    cache = target / "current/__pycache__"
    cache.mkdir()
    (cache / "preprocess.cpython-311.pyc").write_bytes(b"compiled")
    assert Directories().holds(target, "m-1-aa", sizes(ONE))
    put(target, "m-2-bb", TWO)
    inode = (target / "releases/m-1-aa/model.bin").stat().st_ino
    put(target, "m-1-aa", ONE)
    assert (target / "current/model.bin").stat().st_ino == inode
    assert seen(target) == ONE


def test_a_listed_file_in_such_a_folder_counts(target: Path) -> None:
    files = {**ONE, "__pycache__/x.pyc": b"listed"}
    put(target, "m-1-aa", files)
    put(target, "m-2-bb", TWO)
    put(target, "m-1-aa", files)
    assert seen(target) == files
    (target / "current/__pycache__/x.pyc").unlink()
    assert not Directories().holds(target, "m-1-aa", sizes(files))


# --- places that are not ours -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["directory", "file", "link", "broken link"])
def test_a_current_that_is_not_ours_is_refused_before_anything_is_fetched(target: Path, kind: str) -> None:
    current = target / "current"
    target.mkdir(parents=True)
    if kind == "directory":
        current.mkdir()
        (current / "mine").write_text("mine")
    elif kind == "file":
        current.write_text("mine")
    else:
        current.symlink_to("/etc" if kind == "link" else "/nowhere/else")
    before = current.lstat().st_ino
    with pytest.raises(InvalidInput, match="not a link of ours") as caught, Directories().lock(target):
        pytest.fail("it was locked")
    assert "--to" in caught.value.hint
    assert current.lstat().st_ino == before


def test_a_current_that_somebody_puts_there_meanwhile_is_refused_too(target: Path) -> None:
    directories = Directories()
    with directories.lock(target), directories.stage(target) as staged:
        (target / "current").mkdir()
        with pytest.raises(InvalidInput, match="not a link of ours"):
            directories.publish(target, staged, "m-1-aa", {}, KEEP)
    assert (target / "current").is_dir()


@pytest.mark.parametrize("place", [".", ".modelmark", "releases"])
def test_a_target_that_cannot_be_written_is_a_sentence(target: Path, place: str) -> None:
    # root may write anywhere, so a file stands where a folder must be.
    (target / place).parent.mkdir(parents=True, exist_ok=True)
    (target / place).write_text("in the way")
    with pytest.raises(CouldNot, match="cannot be written"):
        put(target, "m-1-aa", ONE)


def test_a_disk_that_is_read_only_is_a_sentence_and_what_was_visible_stays(target: Path) -> None:
    with small_disk(target, "1m"):
        put(target, "m-1-aa", ONE)
        make_read_only(target)
        with pytest.raises(CouldNot, match="cannot be written: Read-only file system"):
            put(target, "m-2-bb", TWO)
        assert seen(target) == ONE


def test_a_disk_that_fills_up_while_publishing_leaves_what_was_visible(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(target, "m-1-aa", ONE)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for step in ("_write_about", "sync_tree", "swap"):
        with monkeypatch.context() as patch:
            patch.setattr(adapter, step, full)
            with pytest.raises(CouldNot, match="No space left on device; what was visible before still is"):
                put(target, "m-2-bb", TWO)
        assert seen(target) == ONE
    put(target, "m-2-bb", TWO)
    assert seen(target) == TWO


def test_an_old_release_that_cannot_be_removed_does_not_spoil_the_new_one(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(target, "m-1-aa", ONE)
    put(target, "m-2-bb", TWO)

    def no(*_: object) -> None:
        raise OSError(16, "Device or resource busy")

    with monkeypatch.context() as patch:
        patch.setattr(Directories, "_remove", no)
        put(target, "m-3-cc", THREE)
    assert seen(target) == THREE
    put(target, "m-3-cc", THREE)
    assert kept(target) == ["m-2-bb", "m-3-cc"]


# --- one at a time ------------------------------------------------------------------------------------------------


def test_the_lock_holds_over_processes_and_ends_with_them(target: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from modelmark.adapters.releases import Directories;"
        "lock = Directories().lock(Path(sys.argv[1])); lock.__enter__(); print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(target)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        waited = list[float]()

        def wait() -> None:
            with Directories().lock(target):
                waited.append(time.monotonic())

        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join(0.3)
        assert waited == []
        other.kill()
        waiting.join(60)
        assert len(waited) == 1


def test_pulls_at_once_take_turns_and_the_last_one_is_whole(target: Path) -> None:
    turns = [threading.Thread(target=put, args=(target, f"m-{n}", {"f": b"%d" % n})) for n in range(8)]
    for turn in turns:
        turn.start()
    for turn in turns:
        turn.join(60)
    last = (target / "current").readlink().name
    assert seen(target) == {"f": last.removeprefix("m-").encode()}
    assert len(kept(target)) == 2
