"""Verified objects on a consumer's disk, by SHA-256: what was fetched once is not fetched again.

    FOLDER/objects/ab/cdef…     whole objects, 0444; whatever is there was right when it came
    FOLDER/partial/<sha256>     a large one on its way, locked by whoever brings it; a later run goes on where it ends

Hides how bytes get from a source to their place (once, hashed on the way), how several processes share one folder, and
by which kind of link an object becomes a file of a release. Nothing here is believed because of its mode, its name or
its age: an object is read and hashed whenever it is used, and what somebody else could still change is copied, not
linked (docs/adr/0009).
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from modelmark.adapters.byte_pump import CHUNK, pump, read_all, writer
from modelmark.adapters.file_links import as_we_leave_it, clone_file, hard_link, second_name, take_nearby
from modelmark.adapters.object_files import FULL, OBJECT_MODE, disk_errors, new_file, new_temporary
from modelmark.adapters.object_parts import OPEN, open_part, remove
from modelmark.domain.artifacts import Content, Nearby
from modelmark.errors import StorageError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from contextlib import AbstractContextManager
    from pathlib import Path

    Fill = Callable[[memoryview], int]
    Source = Callable[[int], AbstractContextManager[Fill]]

_DAY = 24 * 3600.0


@dataclass(frozen=True)
class ObjectCache:
    """Objects below `folder`, which several processes may use at once.

    Attributes:
        unused: seconds after which an object that nobody uses may go.
    """

    folder: Path
    unused: float
    _full: Event = field(default_factory=Event)

    @classmethod
    def open(cls, folder: Path, unused: float = 30 * _DAY) -> ObjectCache:
        """A cache in a folder, which is made where it is not there.

        Raises:
            StorageError: it cannot be written.
        """
        with disk_errors(folder):
            (folder / "partial").mkdir(parents=True, exist_ok=True)
        return cls(folder, unused)

    def put(self, wanted: Content, target: Path, source: Source, near: Nearby | None = None) -> Content:
        """Make `target` a file of the bytes that are wanted, out of the cache or else out of the source.

        Args:
            wanted: what the manifest says; never is more read than the one byte that proves the source too long.
            target: must not exist; its folder does.
            source: opens the object at an offset for reading.
            near: where the source's object is on this machine; it is cloned, or linked where the user wants that.

        Returns:
            What there was. Where that is something else, `target` does not exist and nothing was kept.

        Raises:
            StorageError: whatever the source raises (what came of a large object is kept for the next try), or the
                disk is full or may not be written.
        """
        place = self.folder / f"objects/{wanted.sha256[:2]}/{wanted.sha256[2:]}"
        try:
            with disk_errors(self.folder):
                if self._use(place, wanted, target) or take_nearby(near, wanted, target):
                    return wanted
                bring = self._bring_small if wanted.size <= CHUNK else self._bring_large
                return bring(place, wanted, target, source)
        except StorageError as error:
            if _is_full(error):
                self._full.set()
            raise

    def sweep(self, wanted: Collection[str]) -> None:
        """Drop objects that are not wanted, in no release, and not used for `unused` seconds; parts as old as that."""
        now = time.time()
        for place in (self.folder / "objects").glob("??/*"):
            with suppress(OSError):
                status = place.lstat()
                unused = status.st_nlink == 1 and place.parent.name + place.name not in wanted
                if unused and status.st_atime <= now - self.unused:
                    place.unlink()
        for part in (self.folder / "partial").glob("*"):
            with suppress(OSError):
                if part.lstat().st_mtime <= now - min(self.unused, _DAY):
                    part.unlink()

    def _use(self, place: Path, wanted: Content, target: Path) -> bool:
        """Link (or copy) an object that is there, if it is right; remove it if it is not."""
        try:
            descriptor = os.open(place, os.O_RDONLY | OPEN)
        except FileNotFoundError:
            return False
        except OSError:  # a link, or nothing that can be read
            remove(place)
            return False
        try:
            status = os.fstat(descriptor)
            if stat.S_ISREG(status.st_mode) and status.st_size == wanted.size:
                if not as_we_leave_it(status):
                    return _copy(_reader(descriptor), wanted, target)
                digest = hashlib.sha256()
                read_all(_reader(descriptor), digest.update, wanted.size + 1)
                if digest.hexdigest() == wanted.sha256:
                    with suppress(OSError):  # when it was used last; its own time stays, releases share it
                        os.utime(descriptor, ns=(time.time_ns(), status.st_mtime_ns))
                    self._link(place, descriptor, wanted, target)
                    return True
        finally:
            os.close(descriptor)
        remove(place)
        return False

    def _bring_small(self, place: Path, wanted: Content, target: Path, source: Source) -> Content:
        """An object that fits into memory touches the disk only when it is right.

        It is the release's file first, and gets its second name here: of 5,000 objects each would be renamed from one
        folder into another, which is the one thing that a file system lets nobody else do meanwhile.
        """
        buffer = memoryview(bytearray(wanted.size + 1))
        with source(0) as fill:
            count = _fill(fill, buffer)
        found = Content(hashlib.sha256(buffer[:count]).hexdigest(), count)
        if found == wanted:
            _write(target, buffer[:count])
            if not second_name(target, place):  # a cache on another file system has bytes of its own
                with new_temporary(self.folder / "partial") as (path, stream):
                    stream.write(buffer[:count])
                    stream.flush()
                    self._settle(stream.fileno(), path, place)
        return found

    def _bring_large(self, place: Path, wanted: Content, target: Path, source: Source) -> Content:
        with open_part(self.folder / "partial", wanted.sha256) as (path, descriptor):
            if self._use(place, wanted, target):  # somebody else brought it while we waited for the lock
                path.unlink(missing_ok=True)
                return wanted
            try:
                found, begun = _fetch(descriptor, wanted.size, source)
                if found != wanted and begun:
                    os.ftruncate(descriptor, 0)  # what an earlier run left was not the beginning of it
                    found, _ = _fetch(descriptor, wanted.size, source)
            except BaseException as error:
                if (
                    _is_full(error) or self._full.is_set()
                ):  # of one beside it, too: or the disk would stay full
                    path.unlink(missing_ok=True)
                raise
            if found != wanted:
                path.unlink(missing_ok=True)
                return found
            os.fsync(
                descriptor
            )  # while others still come; small files are synced all at once, by who publishes them
            self._settle(descriptor, path, place)
            self._link(place, descriptor, wanted, target)
        return found

    def _settle(self, descriptor: int, path: Path, place: Path) -> None:
        """Make a right file the object."""
        os.fchmod(descriptor, OBJECT_MODE)
        try:
            path.rename(place)
        except FileNotFoundError:  # the first of its 256 folders
            place.parent.mkdir(parents=True, exist_ok=True)
            path.rename(place)

    def _link(self, place: Path, descriptor: int, wanted: Content, target: Path) -> None:
        """Share the bytes with `target` where the file system can: a clone, else a hard link, else a copy."""
        if clone_file(descriptor, target) or hard_link(place, descriptor, target):
            return
        os.lseek(descriptor, 0, os.SEEK_SET)
        if not _copy(_reader(descriptor), wanted, target):
            raise StorageError(f"{place} was changed while it was copied", "run the command again")


def _write(target: Path, data: memoryview) -> None:
    """A new file; where it cannot be whole, whoever staged it removes it with the rest."""
    with disk_errors(target.parent):
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN, 0o600)
        with os.fdopen(descriptor, "wb", buffering=0) as stream:
            while data:
                data = data[stream.write(data) :]
            os.fchmod(descriptor, OBJECT_MODE)


def _fetch(descriptor: int, size: int, source: Source) -> tuple[Content, int]:
    """Go on writing after what is there; what it comes to, and how much was there before."""
    digest, have = hashlib.sha256(), os.fstat(descriptor).st_size
    if have > size:
        os.ftruncate(descriptor, have := 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    read_all(_reader(descriptor), digest.update, have)
    begun, before = have, -CHUNK
    while have < size and have >= before + CHUNK:  # as long as each try gets further
        before = have
        try:
            with source(have) as fill, os.fdopen(os.dup(descriptor), "wb") as out:
                pump(fill, digest.update, writer(out, have), size + 1 - have)
            break
        except Unreachable:
            have = os.fstat(descriptor).st_size
            if have < before + CHUNK:
                raise
    return Content(digest.hexdigest(), os.fstat(descriptor).st_size), begun


def _copy(read: Fill, wanted: Content, target: Path) -> bool:
    """A file of its own, hashed as it is written; False, and no file, where it is not the one that is wanted."""
    digest = hashlib.sha256()
    with disk_errors(target.parent), new_file(target) as out:
        count = pump(read, digest.update, writer(out), wanted.size + 1)
        os.fchmod(out.fileno(), OBJECT_MODE)
    if (count, digest.hexdigest()) == (wanted.size, wanted.sha256):
        return True
    target.unlink()
    return False


def _is_full(error: BaseException) -> bool:
    """Whether a disk of ours had no room, in our words for it, too."""
    return any(isinstance(one, OSError) and one.errno in FULL for one in (error, error.__cause__))


def _reader(descriptor: int) -> Fill:
    return lambda view: os.readv(descriptor, [view])


def _fill(fill: Fill, view: memoryview) -> int:
    count = 0
    while count < len(view) and (more := fill(view[count:])):
        count += more
    return count
