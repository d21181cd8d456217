"""A large object on its way to a consumer's disk: who may bring it now, and that nobody else can change what came of it.

Hides how several processes share one part, and what becomes of a process that holds it and does not go on.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from modelmark.adapters.file_links import only_ours
from modelmark.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPEN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_TRIES = 100
_HELD = 600.0  # seconds without a new byte after which whoever has the lock is not waited for any longer
_TICK = 0.05


@contextmanager
def open_part(folder: Path, sha256: str) -> Iterator[tuple[Path, int]]:
    """The part of an object in a folder, open and locked; a second process waits here until the first is done.

    Raises:
        StorageError: it cannot be had.
    """
    path = folder / sha256
    for _ in range(_TRIES):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | OPEN, 0o600)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.EISDIR):
                raise
            remove(path)
            continue
        try:
            status = os.fstat(descriptor)
            if not (stat.S_ISREG(status.st_mode) and only_ours(status) and status.st_nlink == 1):
                if _is(
                    path, status
                ):  # whoever can write to it can do so after it was hashed, and hold its lock
                    path.unlink(missing_ok=True)
                continue
            _lock(descriptor, path)
            if _is(path, status):  # else whoever had the lock has made it an object
                yield path, descriptor
                return
        finally:
            os.close(descriptor)
    raise StorageError(f"{path} cannot be kept for ourselves", "use another directory with --cache")


def remove(place: Path) -> None:
    """Take away whatever lies where a file should be."""
    try:
        place.unlink(missing_ok=True)
    except OSError:
        shutil.rmtree(place, ignore_errors=True)


def _lock(descriptor: int, path: Path) -> None:
    """Wait for whoever brings a part now, as long as it grows: a process that was frozen holds its lock for ever."""
    size, since = -1, time.monotonic()
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        now = os.fstat(descriptor).st_size
        if now != size:
            size, since = now, time.monotonic()
        elif time.monotonic() - since > _HELD:
            raise StorageError(
                f"another process holds {path} and brings nothing", "end it, or use another --cache"
            )
        time.sleep(_TICK)


def _is(path: Path, status: os.stat_result) -> bool:
    """Whether a path still means the file with this status."""
    try:
        return os.path.samestat(path.lstat(), status)
    except FileNotFoundError:
        return False
