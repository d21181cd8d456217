"""A small bare repository for what is fetched of a registry, one thing at a time: new each time, or kept.

Hides how it survives a kill, and that a repository with holes would fetch what it lacks behind everybody's back: what
is asked here is answered from here, or not at all. What was kept is given up only for something as good: a new start that
does not come to a good end (the network is down) leaves what was there before.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_reader import GitReader
from modelmark.errors import CouldNot

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_PACKS = (
    100  # each fetch leaves one; a new start costs a few kB, and many packs make every question slow
)
# What `git init` writes. A fetch adds where lost objects may be had, and Git would try that for each one.
_CONFIG = {
    "sha1": "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
    "sha256": "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n",
}


class KeptRepository:
    """A bare repository in a folder; None, or one that may not be written = in a temporary one.

    Attributes:
        before: names of the tags that were here when it was opened.
    """

    before: tuple[str, ...]

    def __init__(self, folder: Path | None) -> None:
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        if folder is not None and _writable(folder):
            self._folder = folder.absolute()  # Git runs in another directory
        else:
            self._scratch = tempfile.TemporaryDirectory(prefix="modelmark-")
            self._folder = Path(self._scratch.name)
            if folder is not None and folder.is_dir():  # what it has is as good in another place
                shutil.copytree(folder, self._folder, dirs_exist_ok=True)
        self._fresh = False
        self._begin()

    @property
    def _before(self) -> Path:
        """Where the one before is, until a new start has come to a good end."""
        return self._folder / "before"

    def close(self, good: bool = False) -> None:
        """Remove it, where it is temporary; after a new start, what was there before comes back unless the end is good."""
        if good:
            shutil.rmtree(self._before, ignore_errors=True)
        self._bring_back()
        if self._scratch is not None:
            self._scratch.cleanup()

    def start(self, object_format: str) -> None:
        """Go on with the repository for this kind of object ids, an empty one where there is none."""
        folder = self._folder / object_format
        if not (folder / "HEAD").is_file():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            how = ["--bare", "--template=", "--initial-branch=main", f"--object-format={object_format}"]
            GitRunner(folder).run(["init", "--quiet", *how, str(folder)])
            self._fresh = True
        self.runner = GitRunner(folder, bare=True)
        self._local = GitRunner(folder, bare=True, local=True)
        self.reader = GitReader(self._local, None)

    def start_again(self) -> bool:
        """Forget what was kept; False where there was nothing, so that it cannot be the reason for anything.

        Whoever lives for months may lose it to what cleans up temporary files; its place is then anybody's.
        """
        if self._fresh and (self.runner.directory / "HEAD").is_file():
            return False
        if self._scratch is not None and not self._folder.is_dir():
            self._scratch = tempfile.TemporaryDirectory(prefix="modelmark-")
            self._folder = Path(self._scratch.name)
        self._before.mkdir(exist_ok=True)
        for kind in _CONFIG:
            if (self._before / kind).is_dir():  # of what was started anew, nothing is missed
                shutil.rmtree(self._folder / kind, ignore_errors=True)
            elif (self._folder / kind).is_dir():
                (self._folder / kind).rename(self._before / kind)
        self.start("sha1")
        return True

    def crowded(self) -> bool:
        """Whether so many fetches were made that a new start is cheaper."""
        return any(
            len(list(self._folder.glob(f"{kind}/objects/pack/*.pack"))) > _MOST_PACKS for kind in _CONFIG
        )

    def text(self, args: Sequence[str]) -> str:
        """One line of output of Git, from what is here."""
        return self._local.text(args)

    def has(self, oid: str) -> bool:
        """Whether an object is here."""
        return self._local.attempt(["cat-file", "-e", oid]).status == 0

    def blob(self, oid: str) -> bytes | None:
        """A blob, if it is here."""
        try:
            return self.reader.blob(oid)
        except CouldNot:  # it is not, and Git may not ask for it
            return None

    def _bring_back(self) -> None:
        """Undo a new start, also one that a kill has ended."""
        if not self._before.is_dir():
            return
        for kind in _CONFIG:
            if (self._before / kind).is_dir():
                shutil.rmtree(self._folder / kind, ignore_errors=True)
                (self._before / kind).rename(self._folder / kind)
        shutil.rmtree(self._before, ignore_errors=True)

    def _begin(self) -> None:
        self._bring_back()
        kind = "sha256" if (self._folder / "sha256").is_dir() else "sha1"
        folder = self._folder / kind
        # A killed Git leaves its locks, and drafts of packs; whoever keeps this sees to it that nobody else is here.
        for pattern in ("*.lock", "refs/**/*.lock", "objects/pack/tmp_*", "objects/tmp_*"):
            for left in folder.glob(pattern):
                with suppress(OSError):
                    left.unlink()
        if (folder / "config").is_file():
            (folder / "config").write_text(_CONFIG[kind])
        self.start(kind)
        try:
            self.before = tuple(tag.name for tag in self.reader.tags(["*"]))
        except CouldNot:  # torn by a power cut, or not ours
            self.before = ()
            self.start_again()


def _writable(folder: Path) -> bool:
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder.is_dir() and os.access(folder, os.W_OK)
