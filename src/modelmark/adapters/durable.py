"""When bytes are on the disk, and not only on their way there: before something new becomes visible.

Many at once, because a file system writes its journal once for all who wait: 5,000 small files one by one take twenty
times as long. Not `syncfs`, which waits for whatever else the machine has to write, too.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_AT_ONCE = 16


def sync_tree(root: Path) -> None:
    """Make everything below a directory durable."""
    found = [(folder, files) for folder, _, files in os.walk(root)]
    _sync_all([f"{folder}/{name}" for folder, files in found for name in files])
    _sync_all([folder for folder, _ in found])


def _sync_all(paths: Sequence[str]) -> None:
    """A share for each thread: to hand over one file at a time takes longer than to sync it."""

    def sync_share(turn: int) -> None:
        for path in paths[turn::_AT_ONCE]:
            sync(path)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(sync_share, range(_AT_ONCE)))


def sync(path: Path | str) -> None:
    """Make one file's bytes durable, or the names in one directory."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes, draft: Path) -> None:
    """Give a file new bytes in one step: whatever happens, it has the old ones or the new ones."""
    with draft.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
