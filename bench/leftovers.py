"""What a run leaves behind, put out of the way without being removed while somebody still measures.

On ext4 without a journal every new file is slow for a minute or more after many were removed: the kernel passes over the
numbers of files that were deleted of late. Whoever comes next would pay for what the one before left.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

_LARGE = 1 << 20
_FOLDER = "aside"


def set_aside(folder: Path) -> None:
    """Take a folder away, if it is there; only large files are removed at once, because they are few and fill the disk."""
    if not folder.exists():
        return
    work = next(above for above in folder.parents if above.name == ".work")
    (work / _FOLDER).mkdir(exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=work / _FOLDER)) / folder.name
    folder.rename(aside)
    for path in aside.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.stat().st_size > _LARGE:
            path.unlink()


def clear_aside(work: Path) -> None:
    """Remove what was set aside."""
    shutil.rmtree(work / _FOLDER, ignore_errors=True)
