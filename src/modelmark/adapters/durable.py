"""When bytes are on the disk, and not only on their way there: before something new becomes visible.

Many at once, because a file system writes its journal once for all who wait: 5,000 small files one by one take twenty
times as long. Not `syncfs`, which waits for whatever else the machine has to write, too.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_AT_ONCE = 16


def sync_tree(root: Path) -> None:
    """Make everything below a directory durable."""
    found = [(Path(folder), files) for folder, _, files in os.walk(root)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(sync, (folder / name for folder, files in found for name in files)))
        list(pool.map(sync, (folder for folder, _ in found)))


def sync(path: Path) -> None:
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
