"""Parts of large objects in a cache that others can write to, and which disk it was that failed."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from modelmark.adapters import object_cache, object_parts
from modelmark.adapters.object_cache import ObjectCache
from modelmark.errors import StorageError
from tests.support.object_source import LARGE, SMALL, Source, content, parts


@pytest.fixture
def cache(tmp_path: Path) -> ObjectCache:
    return ObjectCache.open(tmp_path / "cache")


def test_a_part_that_was_whole_when_killed_needs_no_source(cache: ObjectCache, tmp_path: Path) -> None:
    (cache.folder / "partial" / content(LARGE).sha256).write_bytes(LARGE)
    source = Source(LARGE)
    cache.put(content(LARGE), tmp_path / "one", source)
    assert (source.opened, (tmp_path / "one").read_bytes()) == ([], LARGE)


def test_a_part_that_somebody_else_made_and_locks_is_not_waited_for(
    cache: ObjectCache, tmp_path: Path
) -> None:
    part = cache.folder / "partial" / content(LARGE).sha256
    part.touch()
    part.chmod(0o666)
    with part.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        turn = threading.Thread(
            target=cache.put, args=(content(LARGE), tmp_path / "one", Source(LARGE)), daemon=True
        )
        turn.start()
        turn.join(30)
        assert not turn.is_alive()
    assert (tmp_path / "one").read_bytes() == LARGE


def test_who_holds_a_part_and_does_not_go_on_is_not_waited_for(
    cache: ObjectCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_parts, "_HELD", 0.2)
    part = cache.folder / "partial" / content(LARGE).sha256
    part.touch(0o600)
    with part.open("rb") as frozen:
        fcntl.flock(frozen, fcntl.LOCK_EX)
        with pytest.raises(StorageError, match=f"another process holds {part} and brings nothing"):
            cache.put(content(LARGE), tmp_path / "one", Source(LARGE))
    cache.put(content(LARGE), tmp_path / "one", Source(LARGE))
    assert (tmp_path / "one").read_bytes() == LARGE


def another_name(part: Path) -> None:
    (part.parent.parent / "victim").hardlink_to(part)


def a_link(part: Path) -> None:
    part.rename(part.parent.parent / "victim")
    part.symlink_to(part.parent.parent / "victim")


def a_folder(part: Path) -> None:
    part.rename(part.parent.parent / "victim")
    (part / "deep").mkdir(parents=True)


@pytest.mark.parametrize("make", [another_name, a_link, a_folder])
def test_a_part_that_is_not_a_file_of_one_name_is_begun_anew_and_what_it_led_to_is_left_alone(
    cache: ObjectCache, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    part = cache.folder / "partial" / content(LARGE).sha256
    part.write_bytes(b"precious")
    part.chmod(0o600)
    make(part)
    cache.put(content(LARGE), tmp_path / "one", Source(LARGE))
    assert (tmp_path / "one").read_bytes() == LARGE
    assert (cache.folder / "victim").read_bytes() == b"precious"
    assert parts(cache) == []


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_where_the_disk_of_the_target_is_full_it_is_that_one_that_is_named(
    cache: ObjectCache, data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fchmod

    def full(descriptor: int, mode: int) -> None:
        if "target" in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor, mode)

    for shares in ("hard_link", "clone_file"):
        monkeypatch.setattr(object_cache, shares, lambda *_: False)
    monkeypatch.setattr(os, "fchmod", full)
    (tmp_path / "target").mkdir()
    with pytest.raises(StorageError, match=f"no space left in {tmp_path / 'target'}"):
        cache.put(content(data), tmp_path / "target/one", Source(data))


def test_an_object_that_goes_while_it_is_copied_is_copied_all_the_same(
    cache: ObjectCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody sweeps the cache, or puts another file in its place."""
    cache.put(content(LARGE), tmp_path / "one", Source(LARGE))

    def gone(place: Path, *_: object) -> bool:
        place.unlink()
        return False

    monkeypatch.setattr(object_cache, "clone_file", lambda *_: False)
    monkeypatch.setattr(object_cache, "hard_link", gone)
    cache.put(content(LARGE), tmp_path / "two", Source(b""))
    assert (tmp_path / "two").read_bytes() == LARGE
