"""The files of one version on this machine: fetched when somebody looks, verified before anybody sees them."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from modelmark.errors import Corrupt, Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.artifacts import ListedFile, Pointer
    from modelmark.domain.manifest import Manifest, ManifestFile


class ReadableStorage(Protocol):
    """What is asked of a storage."""

    def listing(self, pointer_md5: str) -> tuple[ListedFile, ...]:
        """The directory listing, checked against its id."""

    def fetch(self, md5: str, target: Path, size: int) -> str:
        """Stream one object into a new file; returns its SHA-256."""


class Contents:
    """Read-only files of one version; a context manager over a temporary folder.

    Args:
        storage: where the bytes are.
        manifest: what they must be.
        pointer: what DVC calls them.
    """

    def __init__(self, storage: ReadableStorage, manifest: Manifest, pointer: Pointer) -> None:
        self._storage = storage
        self.manifest = manifest
        self._pointer = pointer
        self._files = {file.path: file for file in manifest.files}
        self._scratch = tempfile.TemporaryDirectory(prefix="modelmark-look-")
        self.folder = Path(self._scratch.name) / "artifacts"
        self.folder.mkdir()

    def __enter__(self) -> Contents:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the copies."""
        self._scratch.cleanup()

    def file(self, path: str) -> Path:
        """A file of the manifest, fetched and verified.

        Raises:
            Missing: the storage does not have it.
            Corrupt: its bytes are not those of the manifest.
        """
        wanted = self._files[path]
        place = self.folder / path
        if not place.exists():
            self._fetch(wanted, place)
        return place

    def of_type(self, *types: str) -> Iterator[tuple[ManifestFile, Path]]:
        """The files of some types (see `domain.manifest.FILE_TYPES`), in the manifest's order."""
        for file in self.manifest.files:
            if file.type in types:
                yield file, self.file(file.path)

    def all(self) -> Path:
        """The folder with every file in it."""
        for path in self._files:
            self.file(path)
        return self.folder

    @functools.cached_property
    def _ids(self) -> dict[str, str]:
        return {file.path: file.md5 for file in self._storage.listing(self._pointer.md5)}

    def _fetch(self, wanted: ManifestFile, place: Path) -> None:
        if wanted.path not in self._ids:
            raise Missing(f"{wanted.path} is not in the DVC listing")
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(self._scratch.name) / "fetched"
        fresh.unlink(missing_ok=True)
        sha256 = self._storage.fetch(self._ids[wanted.path], fresh, wanted.size)
        if sha256 != wanted.sha256 or fresh.stat().st_size != wanted.size:
            raise Corrupt(
                f"{wanted.path} in the storage is not the file that the manifest lists",
                "find out who changed it; to mend it, push the right bytes from a clone that has them, or register again",
            )
        fresh.chmod(0o444)
        fresh.replace(place)
