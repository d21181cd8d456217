"""A large object on its way to a consumer's disk: who may bring it now, and that nobody else can change what came of it.

Hides how several processes share one part, and what becomes of a process that holds it and does not go on.
"""

from __future__ import annotations

import fcntl
import os
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
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | OPEN, 0o600)
        try:
            _lock(descriptor, path)
            status = os.fstat(descriptor)
            if not _is(path, status):
                continue  # whoever had the lock has made it an object
            if stat.S_ISREG(status.st_mode) and only_ours(status):
                yield path, descriptor
                return
            path.unlink()  # whoever can write to it could do so after it was hashed
        finally:
            os.close(descriptor)
    raise StorageError(f"{path} cannot be kept for ourselves", "use another directory with --cache")


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
