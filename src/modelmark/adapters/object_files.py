"""Files on this machine's disks: a source that must not change meanwhile, an object that is visible whole or not at all.

Hides the names of temporary files, and the question of durability. Objects in a
cache are not fsynced: DVC does not either, 5,000 small files would take minutes on a slow disk, and nothing here
is believed unread, so what a power cut tears is replaced by the next run.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from modelmark.adapters.byte_pump import CHUNK
from modelmark.errors import InvalidInput, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

OBJECT_MODE = 0o444  # what `dvc add` and `dvc push` leave; to DVC it means "read before and found right"
_TEMPORARY = ".modelmark-"
_STALE_SECONDS = 24 * 3600
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class SourceFile:
    """A regular file open for reading, and what it was like before the first byte was read."""

    root: Path
    path: str
    stream: BinaryIO
    before: os.stat_result

    def read(self, view: memoryview) -> int:
        """Fill a buffer, see `pump`."""
        try:
            return os.readv(self.stream.fileno(), [view])
        except OSError as error:
            raise StorageError(f"could not read {self.root / self.path}: {error.strerror}") from error

    def check_unchanged(self, count: int) -> None:
        """Raise InvalidInput unless the name still means the same file, as long and as old as before."""
        with suppress(OSError):
            after = (self.root / self.path).lstat()
            same = (after.st_ino, after.st_size, after.st_mtime_ns) == (
                self.before.st_ino,
                self.before.st_size,
                self.before.st_mtime_ns,
            )
            if same and count == self.before.st_size:
                return
        raise InvalidInput(
            f"{self.path} changed while it was read",
            "wait until the training has finished writing",
            path=self.path,
        )


@contextmanager
def open_source(root: Path, path: str) -> Iterator[SourceFile]:
    """Open `path` below `root`; anything but a regular file, or a link anywhere below `root`, is InvalidInput."""
    try:
        descriptor = _open_below(root, path)
    except OSError as error:
        odd = error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO)
        reason = "is not a regular file" if odd else f"cannot be read: {error.strerror}"
        raise InvalidInput(
            f"{path} {reason}", "list regular files that exist, no links", path=path
        ) from error
    before = os.fstat(descriptor)
    if not stat.S_ISREG(before.st_mode):
        os.close(descriptor)
        raise InvalidInput(f"{path} is not a regular file", "list regular files only", path=path)
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        yield SourceFile(root, path, stream, before)


def _open_below(root: Path, path: str) -> int:
    *folders, name = path.split("/")
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            below = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        # Without O_NONBLOCK a FIFO would wait for a writer that never comes.
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
    finally:
        os.close(here)


class Draft:
    """Bytes on their way to become an object; nobody sees them before `publish`.

    Up to one chunk stays in memory, so that a small object which is there already costs no file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._head = bytearray()
        self._path: Path | None = None
        self._stream: BinaryIO | None = None

    def write(self, view: memoryview | bytes) -> None:
        """Append bytes, see `pump`."""
        if self._stream is None and len(self._head) + len(view) <= CHUNK:
            self._head += view
        else:
            self._file().write(view)

    def same_as(self, target: Path) -> bool:
        """Whether `target` is a file with exactly these bytes."""
        try:
            if self._stream is None or self._path is None:
                return target.stat().st_size == len(self._head) and target.read_bytes() == self._head
            self._stream.flush()
            return _same_bytes(self._path, target)
        except (FileNotFoundError, IsADirectoryError):
            return False

    def publish(self, target: Path) -> None:
        """Become `target` in one step, replacing what was there."""
        stream = self._file()
        stream.flush()
        os.fchmod(stream.fileno(), OBJECT_MODE)
        if self._path is not None:
            self._path.replace(target)
            self._path = None

    def discard(self) -> None:
        """Close, and remove what was not published."""
        if self._stream is not None:
            with suppress(OSError):  # a full disk has been reported by the write already
                self._stream.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _file(self) -> BinaryIO:
        if self._stream is None:
            path = self._folder / f"{_TEMPORARY}{os.urandom(8).hex()}.tmp"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            self._path, self._stream = path, os.fdopen(descriptor, "wb")
            self._stream.write(self._head)
        return self._stream


@contextmanager
def draft(folder: Path) -> Iterator[Draft]:
    """A draft in an existing folder, discarded at the end unless published, whatever happens."""
    made = Draft(folder)
    try:
        yield made
    finally:
        made.discard()


@contextmanager
def new_file(target: Path) -> Iterator[BinaryIO]:
    """A file that must not exist yet, on the disk when the block ends, and gone when the block fails."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(descriptor)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


@contextmanager
def new_temporary(folder: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """A new file of ours alone, gone when the block ends unless it was renamed."""
    path = folder / f"{_TEMPORARY}{os.urandom(8).hex()}.tmp"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        try:
            yield path, stream
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Say which folder of this machine is full or may not be written."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StorageError(
                f"no space left in {place}", "make room there and run the command again"
            ) from error
        raise StorageError(
            f"could not write in {place}: {error.strerror or type(error).__name__}",
            "check the directory, its disk, and who may write there",
        ) from error


def copy_into(draft_of_it: Draft, source: Path) -> int:
    """Append a file to a draft and return how many bytes it had."""
    buffer, count = memoryview(bytearray(CHUNK)), 0
    with source.open("rb", buffering=0) as stream:
        while read := stream.readinto(buffer):
            draft_of_it.write(buffer[:read])
            count += read
    return count


def md5_of(path: Path) -> str:
    """The md5 of a file, in hex; empty where there is no file."""
    try:
        with path.open("rb", buffering=0) as stream:
            return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except (FileNotFoundError, IsADirectoryError):
        return ""


def _same_bytes(one: Path, other: Path) -> bool:
    with one.open("rb", buffering=0) as left, other.open("rb", buffering=0) as right:
        if os.fstat(left.fileno()).st_size != os.fstat(right.fileno()).st_size:
            return False
        while chunk := left.read(CHUNK):
            if chunk != right.read(len(chunk)):
                return False
    return True


def reap(folder: Path) -> None:
    """Remove our own temporary files that a killed run left behind more than a day ago."""
    oldest = time.time() - _STALE_SECONDS
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(_TEMPORARY) and entry.stat(follow_symlinks=False).st_mtime < oldest:
                with suppress(OSError):
                    Path(entry.path).unlink()
