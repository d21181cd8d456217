"""Manifest, DVC pointer, DVC listing and storage agree on the same files, and every byte is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.manifest import compare_listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate, NewVersion

RULE = "contents"
_RESTORE = (
    "push it again from a clone that still has the right bytes (dvc push), or register them as a new version"
)
_APART = "make two changes: where the storage is first, then the version in it"
_MAKE = "make the version with `modelmark register`, not by hand"
_SHOWN = 10


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each version that the change adds."""
    for new in candidate.versions:
        yield from _pointer(new)
        yield from _stored(new, candidate.stored)


def _pointer(new: NewVersion) -> Iterator[Finding]:
    manifest, pointer = new.manifest, new.pointer
    if manifest is None or pointer is None:
        return
    path = layout.manifest_path(new.model, new.version)
    if not manifest.files:
        yield Finding(RULE, Level.ERROR, "this manifest lists no file", path, hint=_MAKE)
    if len(manifest.files) != pointer.nfiles:
        yield Finding(
            RULE,
            Level.ERROR,
            f"the manifest lists {len(manifest.files)} file{'s' * (len(manifest.files) != 1)}, "
            f"artifacts.dvc says {pointer.nfiles}",
            path,
            hint=_MAKE,
        )
    if manifest.size != pointer.size:
        yield Finding(
            RULE,
            Level.ERROR,
            f"the manifest's files have {manifest.size} bytes, artifacts.dvc says {pointer.size}",
            path,
            hint=_MAKE,
        )
    differences = compare_listing(manifest, new.listing) if new.listing is not None else ()
    for sentence in differences[:_SHOWN]:
        yield Finding(RULE, Level.ERROR, sentence, path, hint=_MAKE)
    if len(differences) > _SHOWN:
        yield Finding(RULE, Level.ERROR, f"{len(differences) - _SHOWN} more files differ", path)


def _stored(new: NewVersion, where: str) -> Iterator[Finding]:
    path = layout.pointer_path(new.model, new.version)
    if new.unasked:
        yield Finding(RULE, Level.ERROR, new.unasked, path, hint=_APART)
    if new.corrupt:
        yield Finding(RULE, Level.ERROR, new.corrupt, path, hint=_RESTORE)
    names = {file.md5: file.path for file in new.listing or ()}
    for md5 in sorted(new.missing)[:_SHOWN]:
        what = f"{names[md5]} ({md5})" if md5 in names else f"the listing {md5}"
        yield Finding(
            RULE,
            Level.ERROR,
            f"{what} is not in the storage {where}",
            path,
            hint=f"push it from the clone that registered it: dvc push {path}",
        )
    if len(new.missing) > _SHOWN:
        yield Finding(
            RULE, Level.ERROR, f"{len(new.missing) - _SHOWN} more objects are not in the storage", path
        )


CHECK = Check(
    RULE,
    "Manifest, DVC pointer, DVC listing and storage agree on the same files, and every byte is there.",
    check,
    "model.safetensors (0cc1…) is not in the storage s3://acme-models",
)
