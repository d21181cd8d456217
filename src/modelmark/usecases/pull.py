"""Bring the version that a reference means into a directory: verified byte by byte, visible in one swap."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.memory import Seen, objections, remember
from modelmark.domain.tags import parse_message, parse_tag_object
from modelmark.errors import Corrupt, Missing, NotFound, Stale, Unreachable
from modelmark.usecases.bring import PullOptions, Wanted, bring
from modelmark.usecases.resolve import LocalTags, Resolved, resolve

__all__ = ["LocalReleases", "PullOptions", "Pulled", "pull", "read_manifest"]

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from modelmark.domain.history import Assignment, Facts, RawTag
    from modelmark.domain.json_values import Json
    from modelmark.domain.manifest import Manifest, ManifestFile
    from modelmark.domain.references import Reference
    from modelmark.usecases.ports import Documents, Storage
    from modelmark.usecases.pull_ports import Progress, Releases, ReleaseSource


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
    """What is visible now.

    Attributes:
        release: the name of its folder; a part of a version has another one than the whole.
        files: how many files the release has, `size` bytes together.
        unchanged: it was visible already.
        reused: an older release was verified again.
        fetched: bytes that came over the line.
        warnings: what `allow_stale` accepted, a sentence each.
    """

    resolved: Resolved
    path: Path
    release: str
    files: int
    size: int
    manifest: Manifest = field(repr=False)
    unchanged: bool = False
    reused: bool = False
    fetched: int = 0
    warnings: tuple[str, ...] = ()


def pull(
    source: ReleaseSource,
    directories: Releases,
    reference: Reference,
    target: Path,
    options: PullOptions | None = None,
    progress: Progress | None = None,
) -> Pulled:
    """Make `target/current` the version that `reference` means.

    Raises:
        Stale: the registry shows an older or another history than it did before; nothing changed.
        Corrupt: bytes, listing or manifest are not what the tag pins; nothing became visible.
        Missing, Denied, Unreachable: the registry or the storage; nothing became visible.
        NotFound: nothing is meant by the reference, or no file by the globs.
    """
    with directories.lock(target):
        return pull_locked(source, directories, reference, target, options, progress)


def pull_locked(
    source: ReleaseSource,
    directories: Releases,
    reference: Reference,
    target: Path,
    options: PullOptions | None = None,
    progress: Progress | None = None,
) -> Pulled:
    """As `pull`, for somebody who holds the lock of the target."""
    options = options or PullOptions()
    found, warnings = _resolve(source, directories, reference, target, options)
    manifest = read_manifest(source, found)
    files = _chosen(manifest, options.only)
    about = _about(source, found, options, warnings)
    name = _release_name(found, files if options.only else ())
    size = sum(file.size for file in files)

    def publish(staged: Path | None) -> Pulled:
        path = directories.publish(target, staged, name, about, options.keep)
        return Pulled(found, path, name, len(files), size, manifest, warnings=warnings)

    if directories.holds(target, name, {file.path: file.size for file in files}):
        return replace(publish(None), unchanged=True)
    if directories.verify(target, name, {file.path: file.sha256 for file in files}):
        return replace(publish(None), reused=True)
    if options.offline:
        raise Unreachable(
            f"no release on this disk has what is asked for of {found.registered.tag} whole and unchanged, and "
            "offline nobody is asked",
            "pull it once without --offline",
        )
    objects = directories.objects(target, options.cache)
    with directories.stage(target) as staged:
        wanted = Wanted(found, manifest, files)
        fetched = bring(source.storage(), objects, wanted, staged, options, progress)
        done = replace(publish(staged), fetched=fetched)
    objects.sweep({file.sha256 for file in files})
    return done


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


@dataclass(frozen=True)
class _Noting:
    """A source that notes the tags it gave."""

    source: ReleaseSource
    noted: dict[str, RawTag] = field(default_factory=dict)

    def tags(self, patterns: Sequence[str]) -> list[RawTag]:
        found = self.source.tags(patterns)
        self.noted.update({tag.name: tag for tag in found})
        return found

    def facts(self) -> Facts:
        return self.source.facts()

    def confirm(self, assignment: Assignment) -> None:
        self.source.confirm(assignment)

    def seen(self, found: Resolved | None) -> Seen:
        """All tags so far; the registry is the one that the tag of the version names."""
        tag = self.noted.get(str(found.registered.tag)) if found else None
        trailers = parse_message(parse_tag_object(tag.data or b"").message).trailers if tag else {}
        return Seen(trailers.get("Registry", ""), {name: one.oid for name, one in self.noted.items()})


def _resolve(
    source: ReleaseSource, directories: Releases, reference: Reference, target: Path, options: PullOptions
) -> tuple[Resolved, tuple[str, ...]]:
    """What a reference means, held against what was seen from here before; and what of that was accepted."""
    noting, before = _Noting(source), directories.seen(target)

    def news(found: Resolved | None) -> tuple[str, ...]:
        why = objections(before, noting.seen(found), reference)
        if why and not options.allow_stale:
            raise Stale(
                f"{reference} is not what was seen here before: {'; '.join(why)}",
                "find out why; if it is right, --allow-stale accepts it, once",
            )
        return why

    try:
        found = resolve(noting, reference)
    except NotFound as error:
        news(None)  # a history that lost its end may mean nothing: that it lost something is the news
        if (
            options.offline
        ):  # what was never asked for is not known, and no reason to say that it is not there
            raise Unreachable(
                f"nothing on this disk says what {reference} means, and offline nobody is asked",
                "pull it once without --offline",
            ) from error
        raise
    accepted = news(found)
    after = remember(before, noting.seen(found), reference)
    if after != before:
        directories.remember(target, after)
    return found, accepted


def _chosen(manifest: Manifest, globs: Sequence[str]) -> tuple[ManifestFile, ...]:
    files = tuple(
        file for file in manifest.files if not globs or any(fnmatchcase(file.path, one) for one in globs)
    )
    if not files and globs:
        raise NotFound(
            f"no file of {manifest.model}@{manifest.version} matches {', '.join(globs)}",
            f"modelmark show {manifest.model}@{manifest.version} lists its files",
        )
    return files


def _release_name(found: Resolved, part: Sequence[ManifestFile] = ()) -> str:
    name = f"{found.registered.tag.model}-{found.version}-{found.registered.oid[:12]}"
    paths = "\n".join(file.path for file in part)
    return f"{name}-part-{hashlib.sha256(paths.encode()).hexdigest()[:12]}" if part else name


def _about(
    source: ReleaseSource, found: Resolved, options: PullOptions, accepted: Sequence[str]
) -> Mapping[str, Json]:
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
        **({"only": list(options.only)} if options.only else {}),
        **({"accepted": list(accepted)} if accepted else {}),
    }
