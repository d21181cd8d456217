"""How one file's bytes become another's without being copied: a clone that shares blocks, or a second name.

A clone (reflink) is a file of its own: whoever writes into it changes nothing else. It takes a file system that can
(btrfs, XFS, bcachefs, ZFS); elsewhere a hard link is as fast, and both names are the same file: so only
what nobody else can change, and what has the mode that a release should have, gets one.
"""

from __future__ import annotations

import fcntl
import os
import stat
from typing import TYPE_CHECKING

from modelmark.adapters.object_files import FULL, OBJECT_MODE

if TYPE_CHECKING:
    from pathlib import Path

_FICLONE = 0x40049409  # <linux/fs.h>; another system says that it does not know it
_UNABLE: set[int] = (
    set()
)  # file systems that said no; asking again for each of 5,000 files would make each twice


def clone_file(descriptor: int, target: Path) -> bool:
    """Make `target` a clone of an open file; False, and no file, where the file system cannot.

    Raises:
        OSError: the disk is full, or the folder may not be written.
    """
    device = os.fstat(descriptor).st_dev
    if device in _UNABLE:
        return False
    made = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.ioctl(made, _FICLONE, descriptor)
        os.fchmod(made, OBJECT_MODE)
    except OSError as error:
        target.unlink()
        if error.errno in FULL:
            raise
        _UNABLE.add(device)
        return False
    finally:
        os.close(made)
    return True


def hard_link(place: Path, descriptor: int, target: Path) -> bool:
    """Make `target` one more name of an open file that lies at `place`; False where that cannot be.

    The file that was read is the one that is linked: a name may be given to another file between two steps.
    """
    try:
        os.link(place, target, follow_symlinks=False)
    except OSError:
        return False
    if os.path.samestat(target.lstat(), os.fstat(descriptor)):
        return True
    target.unlink()
    return False


def only_ours(status: os.stat_result) -> bool:
    """Whether nobody but us and the administrator can change a file."""
    return status.st_uid in (0, os.geteuid()) and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def as_we_leave_it(status: os.stat_result) -> bool:
    """Whether a file may become one of a release by a second name, which has the same mode."""
    return only_ours(status) and stat.S_IMODE(status.st_mode) == OBJECT_MODE
