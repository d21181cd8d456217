"""How one file's bytes become another's without being copied: a clone that shares blocks, or a second name.

A clone (reflink) is a file of its own: whoever writes into it changes nothing else. It takes a file system that can
(btrfs, XFS, bcachefs, ZFS); elsewhere a hard link is as fast, and both names are the same file.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from typing import TYPE_CHECKING

from modelmark.adapters.byte_pump import read_all
from modelmark.adapters.object_files import FULL, OBJECT_MODE

if TYPE_CHECKING:
    from pathlib import Path

    from modelmark.domain.artifacts import Content, Nearby

_FICLONE = 0x40049409  # <linux/fs.h>; another system says that it does not know it
_OPEN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
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


def second_name(target: Path, place: Path) -> bool:
    """Give a file of a release the name of an object, too; False where that cannot be, or where there is one already."""
    for _ in range(2):
        try:
            os.link(target, place, follow_symlinks=False)
        except FileNotFoundError:  # the first of its 256 folders
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            return False
        else:
            return True
    return False


def take_nearby(near: Nearby | None, wanted: Content, target: Path) -> bool:
    """Share the bytes of a file that is not ours, and read what came of it; False, and no file, where it is not right."""
    if near is None or not (near.hard or _may_clone(target.parent)):
        return False
    try:
        descriptor = os.open(near.path, os.O_RDONLY | _OPEN)
    except OSError:
        return False  # whoever reads it says what is wrong
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size != wanted.size:
            return False
        hard = near.hard and as_we_leave_it(status)
        if not clone_file(descriptor, target) and not (hard and hard_link(near.path, descriptor, target)):
            return False
    finally:
        os.close(descriptor)
    digest = hashlib.sha256()
    with target.open("rb", buffering=0) as stream:
        read_all(stream.readinto, digest.update, wanted.size + 1)
    if digest.hexdigest() == wanted.sha256:
        return True
    target.unlink()
    return False


def only_ours(status: os.stat_result) -> bool:
    """Whether nobody but us and the administrator can change a file."""
    return status.st_uid in (0, os.geteuid()) and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def as_we_leave_it(status: os.stat_result) -> bool:
    """Whether a file may be one of a release, too: a second name has the same mode, and nobody could read 0600."""
    return only_ours(status) and stat.S_IMODE(status.st_mode) == OBJECT_MODE


def _may_clone(folder: Path) -> bool:
    """Whether the file system of a folder has not said yet that it cannot."""
    return os.stat(folder).st_dev not in _UNABLE  # noqa: PTH116 - once for each of 5,000 files
