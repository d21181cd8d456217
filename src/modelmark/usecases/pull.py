"""Bring the version that a reference means into a directory: verified byte by byte, visible in one swap."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from modelmark.domain import layout
from modelmark.domain.manifest import Manifest, ManifestFile, compare_listing
from modelmark.errors import Corrupt, Missing
from modelmark.usecases.resolve import LocalTags, Resolved, TagSource, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from modelmark.domain.json_values import Json
    from modelmark.domain.references import Reference
    from modelmark.usecases.ports import Directories, Documents, Storage

_AT_ONCE = 2  # files streamed at the same time: hashing takes one core each


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


@dataclass(frozen=True)
class LocalReleases(LocalTags):
    """Releases from a clone; `root` is where it is."""

    root: Path

    @property
    def documents(self) -> Documents:
        """See `ReleaseSource`."""
        return self.workspace.documents

    @property
    def address(self) -> str:
        """See `ReleaseSource`."""
        return self.workspace.remote.url or str(self.root)

    def manifest(self, oid: str) -> bytes | None:
        """See `ReleaseSource`."""
        return self.workspace.reader.blob(oid)

    def storage(self) -> Storage:
        """See `ReleaseSource`."""
        return self.workspace.storage()


@dataclass(frozen=True)
class Pulled:
    """What is visible now; `unchanged` = it was there already, `reused` = an older release was verified again."""

    resolved: Resolved
    path: Path
    files: int
    size: int
    manifest: Manifest = field(repr=False)
    unchanged: bool = False
    reused: bool = False


def pull(source: ReleaseSource, directories: Directories, reference: Reference, target: Path) -> Pulled:
    """Make `target/current` the version that `reference` means.

    Raises:
        Corrupt: bytes, listing or manifest are not what the tag pins; nothing became visible.
        Missing, Denied, Unreachable: the storage; nothing became visible.
    """
    found = resolve(source, reference)
    with directories.lock(target):
        manifest = read_manifest(source, found)
        name = release_name(found)
        about = _about(source, found)
        sizes = {file.path: file.size for file in manifest.files}
        size, count = manifest.size, len(manifest.files)
        if directories.holds(target, name, sizes):
            path = directories.publish(target, None, name, about)
            return Pulled(found, path, count, size, manifest, unchanged=True)
        if directories.verify(target, name, {file.path: file.sha256 for file in manifest.files}):
            path = directories.publish(target, None, name, about)
            return Pulled(found, path, count, size, manifest, reused=True)
        with directories.stage(target) as staged:
            _fetch_all(source, found, manifest, staged)
            path = directories.publish(target, staged, name, about)
    return Pulled(found, path, count, size, manifest)


def release_name(found: Resolved) -> str:
    """The folder of a release below `releases/`; no other version, and no other tag of this one, has it."""
    return f"{found.reference.model}-{found.version}-{found.registered.oid[:12]}"


def read_manifest(source: ReleaseSource, found: Resolved) -> Manifest:
    """The manifest that a version's tag pins by blob id and SHA-256.

    Raises:
        Missing: the blob is not there.
        Corrupt: it has other bytes, or is another version's.
    """
    registered = found.registered
    data = source.manifest(registered.manifest_blob)
    if data is None:
        raise Missing(
            f"the manifest of {registered.tag} ({registered.manifest_blob[:12]}) is not there",
            "git fetch origin",
        )
    if hashlib.sha256(data).hexdigest() != registered.manifest_sha256:
        raise Corrupt(
            f"the manifest of {registered.tag} has another SHA-256 than its tag says", "do not use it"
        )
    path = layout.manifest_path(registered.tag.model, registered.tag.version)
    manifest = source.documents.manifest(data, path)
    if (manifest.model, manifest.version) != (registered.tag.model, registered.tag.version):
        raise Corrupt(
            f"{registered.tag} pins the manifest of {manifest.model}@{manifest.version}", "do not use it"
        )
    return manifest


def _fetch_all(source: ReleaseSource, found: Resolved, manifest: Manifest, staged: Path) -> None:
    storage = source.storage()
    listing = storage.listing(found.registered.artifacts)
    differences = compare_listing(manifest, listing)
    if differences:
        raise Corrupt(
            f"manifest and DVC listing of {found.registered.tag} disagree: {differences[0]}", "do not use it"
        )
    md5s = {file.path: file.md5 for file in listing}
    for folder in sorted({(staged / file.path).parent for file in manifest.files}):
        folder.mkdir(parents=True, exist_ok=True)
    # The largest first, so that the last file to arrive is a small one.
    ordered = sorted(manifest.files, key=lambda file: -file.size)
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        tasks = [pool.submit(_fetch_one, storage, md5s[file.path], file, staged) for file in ordered]
        for task in tasks:
            task.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _fetch_one(storage: Storage, md5: str, file: ManifestFile, staged: Path) -> None:
    sha256 = storage.fetch(md5, staged / file.path, file.size)
    if sha256 != file.sha256:
        raise Corrupt(
            f"{file.path} in the storage {storage.location} has other bytes than the manifest lists (object {md5})",
            "somebody changed the storage: restore the object, or roll back to a version that verifies",
        )


def _about(source: ReleaseSource, found: Resolved) -> Mapping[str, Json]:
    registered = found.registered
    assignment = found.assignment
    return {
        "reference": str(found.reference),
        "model": str(registered.tag.model),
        "version": str(found.version),
        "tag": str(registered.tag),
        "tag_id": registered.oid,
        "assignment": None if assignment is None else str(assignment.tag),
        "assignment_id": None if assignment is None else assignment.oid,
        "manifest_sha256": registered.manifest_sha256,
        "registry": source.address,
    }
