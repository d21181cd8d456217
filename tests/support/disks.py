"""Disks of a test's own: small ones, and one that clones files. They take the right to mount; else the test is skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of this size (`4m`) at a folder."""
    with _mounted(["-t", "tmpfs", "-o", f"size={size}", "none"], folder) as disk:
        yield disk


@contextmanager
def cloning_disk(folder: Path) -> Iterator[Path]:
    """A disk with XFS at a new folder, where a file can be another's clone."""
    if shutil.which("mkfs.xfs") is None:
        pytest.skip("needs mkfs.xfs, of the package xfsprogs")
    image = folder.with_suffix(".xfs")
    with image.open("wb") as file:
        file.truncate(320 << 20)  # XFS takes no less than 300 MB; holes are not written
    subprocess.run(["mkfs.xfs", "-q", "-m", "reflink=1", str(image)], check=True)
    with _mounted(["-o", "loop", str(image)], folder) as disk:
        yield disk


@contextmanager
def _mounted(what: Sequence[str], folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", *what, str(folder)]
    if os.getuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("needs the right to mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def make_read_only(disk: Path) -> None:
    """From now on nobody may write there, the administrator neither."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


def can_clone(folder: Path) -> bool:
    """Whether a file of this folder can be another's clone."""
    one, other = folder / "can-clone", folder / "can-clone.too"
    one.write_bytes(b"x" * 8192)
    done = subprocess.run(["cp", "--reflink=always", str(one), str(other)], check=False, capture_output=True)
    for path in (one, other):
        path.unlink(missing_ok=True)
    return done.returncode == 0


def used(disk: Path) -> int:
    """Bytes of a disk that are not free."""
    os.sync()
    status = os.statvfs(disk)
    return (status.f_blocks - status.f_bfree) * status.f_frsize
