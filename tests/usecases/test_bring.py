"""The files of a release on their way: several at a time, stopped together, each one watched."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from modelmark.domain.artifacts import Content, Nearby
from modelmark.domain.manifest import ManifestFile
from modelmark.domain.references import parse_reference
from modelmark.errors import Corrupt, Unreachable
from modelmark.usecases.bring import PullOptions, Wanted, bring
from modelmark.usecases.pull import LocalReleases, read_manifest
from modelmark.usecases.resolve import resolve
from tests.support.desk import Desk
from tests.support.fake_directories import FakeObjects

Fill = Callable[[memoryview], int]


class Watching:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.begun: list[tuple[int, int]] = []
        self.bytes: dict[str, int] = {}
        self.whole: list[str] = []

    def begin(self, files: int, size: int) -> None:
        self.begun.append((files, size))

    def moved(self, path: str, count: int, size: int) -> None:
        self.bytes[path] = self.bytes.get(path, 0) + count

    def done(self, path: str, size: int) -> None:
        self.whole.append(path)


def wanted(desk: Desk) -> Wanted:
    desk.live("1")
    desk.sync()
    source = LocalReleases(desk.workspace, Path("/srv/clone"))
    found = resolve(source, parse_reference("m@1"))
    manifest = read_manifest(source, found)
    return Wanted(found, manifest, manifest.files)


def test_every_file_is_brought_and_told(desk: Desk, tmp_path: Path) -> None:
    asked, watching = wanted(desk), Watching()
    count = bring(desk.storage, FakeObjects({}), asked, tmp_path / "s", PullOptions(timeout=7), watching)
    assert count == asked.manifest.size
    assert watching.begun == [(2, asked.manifest.size)]
    assert watching.bytes == {file.path: file.size for file in asked.files}
    assert sorted(watching.whole) == sorted(file.path for file in asked.files)
    assert desk.storage.silence == 7


def test_what_is_here_already_does_not_come_again(desk: Desk, tmp_path: Path) -> None:
    asked, objects, watching = wanted(desk), FakeObjects({}), Watching()
    bring(desk.storage, objects, asked, tmp_path / "one", PullOptions())
    assert bring(desk.storage, objects, asked, tmp_path / "two", PullOptions(), watching) == 0
    assert (watching.bytes, len(watching.whole)) == ({}, 2)


def test_no_more_files_come_at_once_than_asked_for(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, lock, now, most = wanted(desk), threading.Lock(), [0], [0]
    real = desk.storage.reading

    @contextmanager
    def reading(md5: str, size: int, start: int = 0) -> Iterator[Fill]:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        with real(md5, size, start) as fill:
            yield fill
        with lock:
            now[0] -= 1

    monkeypatch.setattr(desk.storage, "reading", reading)
    bring(desk.storage, FakeObjects({}), asked, tmp_path / "s", PullOptions(streams=1))
    assert most == [1]


@pytest.mark.parametrize("which", [max, min])
def test_when_one_file_fails_the_others_stop_at_once(
    desk: Desk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    which: Callable[..., ManifestFile],
) -> None:
    asked, started = wanted(desk), threading.Event()
    first = which(asked.files, key=lambda file: file.size)
    endless = 0

    @contextmanager
    def reading(md5: str, size: int, start: int = 0) -> Iterator[Fill]:
        def for_ever(view: memoryview) -> int:
            nonlocal endless
            endless += 1
            started.set()
            return 0 if endless > 1_000_000 else 1 if len(view) > 1 else 0

        if size == first.size:
            started.wait(10)
            raise Unreachable("the line is cut")
        yield for_ever

    monkeypatch.setattr(desk.storage, "reading", reading)
    monkeypatch.setattr(FakeObjects, "put", _read_for_ever)
    with pytest.raises(Unreachable, match=f"{first.path}: the line is cut"):
        bring(desk.storage, FakeObjects({}), asked, tmp_path / "s", PullOptions(streams=2))
    assert endless < 1_000_000


def _read_for_ever(
    self: FakeObjects, wanted: object, target: Path, source: Callable[[int], object], near: None
) -> object:
    view = memoryview(bytearray(10))
    with source(0) as fill:  # type: ignore[attr-defined]
        while fill(view):
            pass
    return wanted


@pytest.mark.parametrize(
    ("came", "words"), [(b"m X", "has other bytes"), (b"m", "1 instead of 3"), (b"m 1!!", "more than 3")]
)
def test_other_bytes_say_which_file_and_how(desk: Desk, tmp_path: Path, came: bytes, words: str) -> None:
    asked = wanted(desk)
    (lost,) = [md5 for md5, data in desk.storage.remote.items() if data == b"m 1"]
    desk.storage.remote[lost] = came
    with pytest.raises(Corrupt, match=f"model.safetensors in the storage memory:storage .*{words}"):
        bring(desk.storage, FakeObjects({}), asked, tmp_path / "s", PullOptions())


def test_small_files_of_this_machine_come_one_after_another(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, threads = wanted(desk), set[int]()

    class Noting(FakeObjects):
        def put(self, *args: Any, **named: Any) -> Content:
            threads.add(threading.get_ident())
            time.sleep(0.05)  # long enough for a second thread to take the next one
            return super().put(*args, **named)

    bring(desk.storage, Noting({}), asked, tmp_path / "far", PullOptions())
    assert len(threads) == len(asked.files), "files of another machine come at the same time"
    threads.clear()
    monkeypatch.setattr(type(desk.storage), "near", lambda *_: Nearby(tmp_path / "object"))
    bring(desk.storage, Noting({}), asked, tmp_path / "near", PullOptions())
    assert len(threads) == 1
