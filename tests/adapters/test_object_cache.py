"""Objects by SHA-256: whatever lies in the cache, and whoever uses it at once, only the right bytes come out."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from modelmark.adapters import object_cache
from modelmark.adapters.object_cache import ObjectCache
from modelmark.errors import Missing, StorageError, Unreachable
from tests.support.disks import can_clone
from tests.support.object_source import LARGE, SMALL, Fill, Source, content, parts


@pytest.fixture
def cache(tmp_path: Path) -> ObjectCache:
    return ObjectCache.open(tmp_path / "cache")


@pytest.fixture(params=[SMALL, LARGE], ids=["small", "large"])
def data(request: pytest.FixtureRequest) -> bytes:
    found: bytes = request.param
    return found


def place_of(cache: ObjectCache, data: bytes) -> Path:
    sha256 = content(data).sha256
    return cache.folder / "objects" / sha256[:2] / sha256[2:]


def test_what_was_fetched_once_is_not_fetched_again_and_shares_its_bytes(
    cache: ObjectCache, data: bytes, tmp_path: Path
) -> None:
    source = Source(data)
    for name in ("one", "two"):
        assert cache.put(content(data), tmp_path / name, source) == content(data)
        assert (tmp_path / name).read_bytes() == data
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o444
    assert source.opened == [0]
    assert can_clone(tmp_path) or (tmp_path / "one").samefile(tmp_path / "two")
    assert parts(cache) == []


def same_size(place: Path) -> None:
    size = place.stat().st_size
    place.unlink()
    place.write_bytes(b"x" * size)


def link(place: Path) -> None:
    place.rename(place.with_name("elsewhere"))
    place.symlink_to(place.with_name("elsewhere"))


def folder(place: Path) -> None:
    place.unlink()
    (place / "deep").mkdir(parents=True)


def pipe(place: Path) -> None:
    place.unlink()
    os.mkfifo(place)


@pytest.mark.parametrize("mode", [0o444, 0o400, 0o644, 0o666, 0o777, 0o000])
def test_a_poisoned_object_of_any_mode_is_fetched_again(
    cache: ObjectCache, data: bytes, tmp_path: Path, mode: int
) -> None:
    cache.put(content(data), tmp_path / "one", Source(data))
    same_size(place_of(cache, data))
    place_of(cache, data).chmod(mode)
    source = Source(data)
    assert cache.put(content(data), tmp_path / "two", source) == content(data)
    assert (tmp_path / "two").read_bytes() == data == place_of(cache, data).read_bytes()
    assert source.opened == [0]


@pytest.mark.parametrize("damage", [link, folder, pipe, lambda place: os.truncate(place, 3)])
def test_what_is_no_object_at_all_is_replaced(
    cache: ObjectCache, data: bytes, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    cache.put(content(data), tmp_path / "one", Source(data))
    (tmp_path / "one").unlink()
    damage(place_of(cache, data))
    cache.put(content(data), tmp_path / "two", Source(data))
    assert (tmp_path / "two").read_bytes() == data
    assert place_of(cache, data).is_file()


def test_an_object_that_others_can_write_is_copied_and_not_linked(
    cache: ObjectCache, data: bytes, tmp_path: Path
) -> None:
    cache.put(content(data), tmp_path / "one", Source(data))
    place_of(cache, data).chmod(0o666)
    source = Source(data)
    cache.put(content(data), tmp_path / "two", source)
    assert source.opened == []
    assert not (tmp_path / "two").samefile(place_of(cache, data))
    assert stat.S_IMODE((tmp_path / "two").stat().st_mode) == 0o444
    assert (tmp_path / "two").read_bytes() == data


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o755, 0o4555])
def test_a_right_object_of_another_mode_gives_a_file_of_the_right_one(
    cache: ObjectCache, data: bytes, tmp_path: Path, mode: int
) -> None:
    cache.put(content(data), tmp_path / "one", Source(data))
    place_of(cache, data).chmod(mode)
    source = Source(data)
    cache.put(content(data), tmp_path / "two", source)
    assert (source.opened, stat.S_IMODE((tmp_path / "two").stat().st_mode)) == ([], 0o444)
    assert (tmp_path / "two").read_bytes() == data


def test_an_object_of_another_user_is_copied(
    cache: ObjectCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.put(content(LARGE), tmp_path / "one", Source(LARGE))
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    os.chown(place_of(cache, LARGE), 4712, -1)  # the tests run as root here, as containers often do
    cache.put(content(LARGE), tmp_path / "two", Source(b""))
    assert not (tmp_path / "two").samefile(place_of(cache, LARGE))


@pytest.mark.parametrize(
    "came", [b"", b"other", LARGE[:-1] + bytes([LARGE[-1] ^ 1]), LARGE + b"more", LARGE[:-1]]
)
def test_other_bytes_than_wanted_leave_nothing(cache: ObjectCache, tmp_path: Path, came: bytes) -> None:
    found = cache.put(content(LARGE), tmp_path / "one", Source(came))
    assert found != content(LARGE)
    assert found.size == min(len(came), len(LARGE) + 1)
    assert not (tmp_path / "one").exists()
    assert not place_of(cache, LARGE).exists()
    assert parts(cache) == []


def test_a_line_that_is_cut_goes_on_where_it_ended(cache: ObjectCache, tmp_path: Path) -> None:
    source = Source(LARGE, 2 << 20, 2 << 20)
    assert cache.put(content(LARGE), tmp_path / "one", source) == content(LARGE)
    assert (tmp_path / "one").read_bytes() == LARGE
    assert source.opened == [0, 2 << 20, 4 << 20]


def test_a_line_that_brings_nothing_new_is_given_up_and_the_next_run_goes_on(
    cache: ObjectCache, tmp_path: Path
) -> None:
    with pytest.raises(Unreachable):
        cache.put(content(LARGE), tmp_path / "one", Source(LARGE, 3 << 20, 0))
    assert not (tmp_path / "one").exists()
    assert [part.stat().st_size for part in parts(cache)] == [3 << 20]
    source = Source(LARGE)
    cache.put(content(LARGE), tmp_path / "one", source)
    assert (source.opened, (tmp_path / "one").read_bytes()) == ([3 << 20], LARGE)
    assert parts(cache) == []


@pytest.mark.parametrize("mode", [0o600, 0o666])
@pytest.mark.parametrize("left", [b"z" * (2 << 20), b"z" * len(LARGE), LARGE + b"and more"])
def test_a_part_that_is_not_the_beginning_or_that_others_can_write_is_begun_anew(
    cache: ObjectCache, tmp_path: Path, left: bytes, mode: int
) -> None:
    part, source = cache.folder / "partial" / content(LARGE).sha256, Source(LARGE)
    part.write_bytes(left if mode == 0o600 else LARGE[: 2 << 20])
    part.chmod(mode)
    cache.put(content(LARGE), tmp_path / "one", source)
    assert (tmp_path / "one").read_bytes() == LARGE
    assert source.opened[-1] == 0


def test_an_error_of_the_source_passes_and_leaves_no_file(
    cache: ObjectCache, data: bytes, tmp_path: Path
) -> None:
    @contextmanager
    def source(_: int) -> Iterator[Fill]:
        raise Missing("it is gone")
        yield

    with pytest.raises(Missing):
        cache.put(content(data), tmp_path / "one", source)
    assert not (tmp_path / "one").exists()


def test_a_disk_that_fills_up_is_named_and_is_not_left_full(
    cache: ObjectCache, data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for writes in ("_write", "_fetch"):
        monkeypatch.setattr(object_cache, writes, full)
    with pytest.raises(StorageError, match=f"no space left in {cache.folder}"):
        cache.put(content(data), tmp_path / "one", Source(data))
    assert parts(cache) == []


def test_where_neither_clone_nor_hard_link_can_be_made_the_file_is_a_copy(
    cache: ObjectCache, data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for shares in ("hard_link", "clone_file", "second_name"):
        monkeypatch.setattr(object_cache, shares, lambda *_: False)
    for name in ("one", "two"):
        cache.put(content(data), tmp_path / name, Source(data))
        assert (tmp_path / name).read_bytes() == data
    assert not (tmp_path / "one").samefile(tmp_path / "two")
    (kept,) = (cache.folder / "objects").glob("??/*")
    assert kept.read_bytes() == data
    assert kept.stat().st_nlink == 1


def test_twenty_at_once_fetch_a_large_object_once(cache: ObjectCache, tmp_path: Path) -> None:
    source = Source(LARGE)
    turns = [
        threading.Thread(target=cache.put, args=(content(LARGE), tmp_path / f"{n}", source))
        for n in range(20)
    ]
    for turn in turns:
        turn.start()
    for turn in turns:
        turn.join(60)
    assert source.opened == [0]
    assert {(tmp_path / f"{n}").read_bytes() == LARGE for n in range(20)} == {True}


def test_the_lock_on_a_part_holds_over_processes_and_ends_with_them(
    cache: ObjectCache, tmp_path: Path
) -> None:
    program = (
        "import fcntl, os, sys, time; f = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600);"
        "fcntl.flock(f, fcntl.LOCK_EX); os.write(f, b'z' * 5000); print('held', flush=True); time.sleep(60)"
    )
    part = cache.folder / "partial" / content(LARGE).sha256
    with subprocess.Popen([sys.executable, "-c", program, str(part)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        waiting = threading.Thread(target=cache.put, args=(content(LARGE), tmp_path / "one", Source(LARGE)))
        waiting.start()
        waiting.join(0.3)
        assert not (tmp_path / "one").exists()
        other.kill()
        waiting.join(60)
    assert (tmp_path / "one").read_bytes() == LARGE


def test_what_no_release_needs_is_dropped_and_a_shared_cache_keeps_it_for_a_while(tmp_path: Path) -> None:
    own, shared = ObjectCache.open(tmp_path / "own", 0.0), ObjectCache.open(tmp_path / "shared")
    for cache in (own, shared):
        for name, data in (("linked", SMALL), ("wanted", b"wanted"), ("unused", b"unused")):
            cache.put(content(data), tmp_path / f"{cache.folder.name}-{name}", Source(data))
        for name in ("wanted", "unused"):
            (tmp_path / f"{cache.folder.name}-{name}").unlink()
        (cache.folder / "partial" / "left").write_bytes(b"half")
        cache.sweep({content(b"wanted").sha256})
    assert [place_of(own, data).exists() for data in (SMALL, b"wanted", b"unused")] == [True, True, False]
    assert [place_of(shared, data).exists() for data in (SMALL, b"wanted", b"unused")] == [True, True, True]
    assert (parts(own), len(parts(shared))) == ([], 1)
    os.utime(place_of(shared, b"unused"), (0, 0))
    os.utime(shared.folder / "partial" / "left", (0, 0))
    shared.sweep(())
    assert [place_of(shared, data).exists() for data in (SMALL, b"wanted", b"unused")] == [True, True, False]
    assert parts(shared) == []
