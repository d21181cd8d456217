"""Keeps records of deployments in a folder, which several machines may share.

A record appears whole, by a link that must not exist yet: that is the lock, as creating a ref is in Git. Temporary files
start with a dot and are no records, whoever was killed.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.adapters.durable import sync
from modelmark.adapters.record_files import LARGEST, newest_paths, read_record
from modelmark.domain.deployments import write_deployment
from modelmark.errors import CouldNot, InvalidInput, Lost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.deployments import Deployment, Kept, Place
    from modelmark.domain.names import ModelName

_DEEPEST = 3  # folders; nothing below is a record, however deep somebody dug


class FolderRecords:
    """The port `Records` over a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def where(self) -> str:
        """See the port."""
        return f"folder:{self._root}"

    def last(self, place: Place) -> Kept | None:
        """See the port."""
        return next(iter(self._newest(place.folder)), None)

    def newest(self, model: ModelName | None) -> tuple[Kept, ...]:
        """See the port."""
        if not self._root.is_dir():
            raise InvalidInput(f"there is no folder {self._root}", "name the one that `deployed` writes into")
        return self._newest(model or "")

    def append(self, made: Deployment, number: int) -> str:
        """See the port."""
        path = self._root / made.place.path(number)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(prefix=".record-", dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(write_deployment(made))
                    stream.flush()
                    os.fsync(stream.fileno())
                os.chmod(draft, 0o644)  # noqa: PTH101 - the readers are other users
                os.link(draft, path)
            finally:
                with suppress(OSError):
                    os.unlink(draft)  # noqa: PTH108
            sync(path.parent)
        except FileExistsError:
            raise Lost(f"{path} exists now", "run the command again") from None
        except OSError as error:
            raise CouldNot(
                f"{self._root} cannot be written: {error.strerror}",
                "check the folder and its disk, which must take hard links: a mounted bucket does not",
            ) from error
        return made.place.path(number)

    def _newest(self, below: str) -> tuple[Kept, ...]:
        try:
            found = newest_paths(_walk(self._root, below))
            return tuple(
                read_record(place, number, _read(self._root / path))
                for place, (number, path) in found.items()
            )
        except OSError as error:
            raise CouldNot(f"{self._root} cannot be read: {error.strerror}", "check the folder") from error


def _walk(root: Path, below: str) -> Iterator[str]:
    for folder, folders, files in os.walk(root / below, onerror=_raise):
        # A folder of such a name is no record, and takes the number.
        place = Path(folder).relative_to(root)
        yield from ((place / name).as_posix() for name in (*files, *folders))
        if len(place.parts) >= _DEEPEST:
            folders.clear()


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _read(path: Path) -> bytes | None:
    """A regular file; whatever else has such a name is no record that anybody wrote."""
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as stream:
        return stream.read(LARGEST + 1)
