"""What `pull` needs of the world: a registry to ask, a directory to keep releases in, and somebody who watches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from modelmark.usecases.resolve import TagSource

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from modelmark.domain.artifacts import Content, Nearby
    from modelmark.domain.json_values import Json
    from modelmark.domain.memory import Seen
    from modelmark.usecases.ports import Documents, Storage

    Fill = Callable[[memoryview], int]


class ReleaseSource(TagSource, Protocol):
    """Where releases come from: tags, manifests by blob id, and the storage."""

    @property
    def documents(self) -> Documents:
        """How its files are read."""

    def manifest(self, oid: str) -> bytes | None:
        """A manifest's bytes by its blob id."""

    def storage(self) -> Storage:
        """The storage that holds the bytes."""

    @property
    def address(self) -> str:
        """Where it is, for the record beside a release."""


class Objects(Protocol):
    """Verified objects by SHA-256, shared by releases and by pulls at the same time."""

    def put(
        self,
        wanted: Content,
        target: Path,
        source: Callable[[int], AbstractContextManager[Fill]],
        near: Nearby | None = None,
    ) -> Content:
        """Make `target` a file of these bytes: from here, from nearby, or from the source (opened at an offset).

        Returns:
            What there was; where that is something else, there is no file.
        """

    def sweep(self, wanted: Collection[str]) -> None:
        """Drop what nobody needs any more; these SHA-256 are needed."""


class Releases(Protocol):
    """A target directory: its releases, its objects, and what was seen of the registry."""

    def lock(self, target: Path) -> AbstractContextManager[None]:
        """Hold a target directory for one pull at a time."""

    def seen(self, target: Path) -> Seen:
        """What was seen of the registry from here; empty at the first sight."""

    def remember(self, target: Path, seen: Seen) -> None:
        """Keep that, whatever is killed when."""

    def objects(self, target: Path, cache: Path | None) -> Objects:
        """The objects of this target, or the ones of a cache that several share."""

    def holds(self, target: Path, name: str, sizes: Mapping[str, int]) -> bool:
        """Whether the release is the visible one, and its files are there, of these sizes and not written since."""

    def verify(self, target: Path, name: str, sha256s: Mapping[str, str]) -> bool:
        """Whether a release has exactly these files with these SHA-256, read now."""

    def stage(self, target: Path) -> AbstractContextManager[Path]:
        """A new hidden directory in the target; whatever is left of it at the end is removed."""

    def publish(
        self, target: Path, staged: Path | None, name: str, about: Mapping[str, Json], keep: int
    ) -> Path:
        """Make a staged release (or one that is there) visible by one atomic swap; `keep` releases stay."""


class Progress(Protocol):
    """Watches a pull; called from several threads."""

    def begin(self, files: int, size: int) -> None:
        """So many files and bytes are about to come."""

    def moved(self, path: str, count: int, size: int) -> None:
        """So many more bytes of a file of this size came over the line."""

    def done(self, path: str, size: int) -> None:
        """A file is there, right, and whole."""
