"""Bring the files of one release out of the storage: several at a time, each held against the manifest.

The SHA-256 of the manifest decides, and nothing else: an object's name is an md5, which anybody can imitate.
"""

from __future__ import annotations

from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TYPE_CHECKING

from modelmark.domain.artifacts import Content
from modelmark.domain.manifest import Manifest, ManifestFile, compare_listing
from modelmark.errors import Corrupt, CouldNot, Denied, Missing, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from modelmark.usecases.ports import Storage
    from modelmark.usecases.pull_ports import Fill, Objects, Progress
    from modelmark.usecases.resolve import Resolved


_SMALL = 1 << 20


@dataclass(frozen=True)
class PullOptions:
    """How to pull.

    Attributes:
        keep: releases that stay on the disk, the visible one included; at least 1.
        only: globs over the paths of files; empty = all of them.
        offline: ask nobody; what is on this disk must do.
        allow_stale: accept a history that is older or another than the one seen before, and say so.
        cache: a directory of objects that several targets share; None = the target's own.
        streams: files that come at the same time.
        timeout: seconds without a byte after which the storage counts as unreachable.
    """

    keep: int = 2
    only: tuple[str, ...] = ()
    offline: bool = False
    allow_stale: bool = False
    cache: Path | None = None
    streams: int = 4
    timeout: float = 60.0


@dataclass(frozen=True)
class Wanted:
    """Files of a version's manifest: all of them, or some."""

    found: Resolved
    manifest: Manifest
    files: tuple[ManifestFile, ...]


def bring(
    storage: Storage,
    objects: Objects,
    wanted: Wanted,
    staged: Path,
    options: PullOptions,
    progress: Progress | None = None,
) -> int:
    """Fill a staged directory with the wanted files; returns how many bytes came over the line.

    Raises:
        Corrupt: the listing or a file is not what the manifest says.
        Missing, Denied, Unreachable: the storage.
    """
    stop = Event()
    storage = storage.within(options.timeout, stop.is_set)
    registered = wanted.found.registered
    listing = storage.listing(registered.artifacts)
    differences = compare_listing(wanted.manifest, listing)
    if differences:
        raise Corrupt(
            f"manifest and DVC listing of {registered.tag} disagree: {differences[0]}", "do not use it"
        )
    if progress is not None:
        progress.begin(len(wanted.files), sum(file.size for file in wanted.files))
    for folder in sorted({(staged / file.path).parent for file in wanted.files}):
        folder.mkdir(parents=True, exist_ok=True)
    md5s = {file.path: file.md5 for file in listing}
    bringing = _Bringing(storage, objects, md5s, staged, progress, stop)
    # The largest first, so that the last file to arrive is a small one.
    ordered = sorted(wanted.files, key=lambda file: -file.size)
    pool = ThreadPoolExecutor(options.streams)
    try:
        turns = [pool.submit(bringing.each, files) for files in bringing.turns(ordered)]
        done, _ = wait(turns, return_when=FIRST_EXCEPTION)
        for task in done:
            task.result()
    except Exception:
        stop.set()
        pool.shutdown(cancel_futures=True)
        raise
    finally:  # who interrupts it does not wait for what is on its way
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)
    return bringing.count


class _Stopped(CouldNot):
    """Another file failed, so this one is not wanted any more."""


@dataclass
class _Bringing:
    """What the threads of one pull share."""

    storage: Storage
    objects: Objects
    md5s: Mapping[str, str]
    staged: Path
    progress: Progress | None
    stop: Event
    count: int = 0
    lock: Lock = field(default_factory=Lock)

    def turns(self, files: Sequence[ManifestFile]) -> list[list[ManifestFile]]:
        """What comes beside what: each file by itself, but small ones of this machine one after another.

        There is nothing to wait for, and threads would only wait for each other: 5,000 files take twice as long.
        """
        quick = {
            file.path for file in files if file.size <= _SMALL and self.storage.near(self.md5s[file.path])
        }
        row = [file for file in files if file.path in quick]
        return [*([file] for file in files if file.path not in quick), *([row] if row else [])]

    def each(self, files: Sequence[ManifestFile]) -> None:
        """Bring these, one after another, until somebody says stop."""
        for file in files:
            if self.stop.is_set():
                raise _Stopped("another file failed")
            self.one(file)

    def one(self, file: ManifestFile) -> None:
        """Bring one file."""
        md5, wanted = self.md5s[file.path], Content(file.sha256, file.size)

        @contextmanager
        def source(start: int) -> Iterator[Fill]:
            with self.storage.reading(md5, file.size, start) as fill:
                yield lambda view: self._count(file, fill(view))

        try:
            found = self.objects.put(wanted, self.staged / file.path, source, self.storage.near(md5))
        except (Denied, Missing, Unreachable) as error:  # which know the object's name alone
            raise type(error)(f"{file.path}: {error.message}", error.hint) from error
        if found != wanted:
            raise self._wrong(file, md5, found)
        if self.progress is not None:
            self.progress.done(file.path, file.size)

    def _count(self, file: ManifestFile, count: int) -> int:
        if self.stop.is_set():
            raise _Stopped("another file failed")
        with self.lock:
            self.count += count
        if self.progress is not None:
            self.progress.moved(file.path, count, file.size)
        return count

    def _wrong(self, file: ManifestFile, md5: str, found: Content) -> Corrupt:
        place = f"{file.path} in the storage {self.storage.location}"
        hint = "somebody changed the storage: restore the object, or roll back to a version that verifies"
        if found.size != file.size:
            amount = (
                f"more than {file.size}" if found.size > file.size else f"{found.size} instead of {file.size}"
            )
            return Corrupt(f"{place} has {amount} bytes (object {md5})", hint)
        return Corrupt(f"{place} has other bytes than the manifest lists (object {md5})", hint)
