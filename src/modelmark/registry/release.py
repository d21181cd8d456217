"""A version on this machine, for the program that serves it: `modelmark.pull` and `modelmark.resolve`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.registry.asked import as_reference
from modelmark.registry.local import Registry
from modelmark.registry.remote import pull_remote, resolve_remote

if TYPE_CHECKING:
    from datetime import datetime

    from modelmark.domain.manifest import Manifest
    from modelmark.domain.references import Reference
    from modelmark.domain.versions import Version
    from modelmark.usecases.pull import PullOptions
    from modelmark.usecases.resolve import Resolved


@dataclass(frozen=True)
class Release:
    """A version that is on disk, verified.

    Attributes:
        path: the release's own folder. What `current` means may change while a program still reads; this does not.
        current: `to/current`, the link that the next pull swaps.
        model: its name.
        version: which one.
        manifest: all that is known of it: files, signature, metrics, lineage, tags, notes.
        tag: the version's tag, such as `m@v3`.
        assignment: the assignment that it was found by, such as `m#prod#12`; None where it was not by an alias.
        assigned_at: the date of that assignment.
        verified: this call read every byte; False = the release was the visible one, was read when it came, and its names
            and sizes are still right.
        warnings: what `allow_stale` accepted, a sentence each.
    """

    path: Path
    current: Path
    model: str
    version: Version
    manifest: Manifest = field(repr=False)
    tag: str
    assignment: str | None
    assigned_at: datetime | None
    verified: bool
    warnings: tuple[str, ...] = ()


def pull(
    reference: Reference | str,
    *,
    registry: str | Path | Registry,
    to: str | Path,
    options: PullOptions | None = None,
) -> Release:
    """Bring the version that a reference means into a directory: every byte verified first, visible in one swap.

    Args:
        reference: `m@prod`, `m@7`, `m@latest`, `m#prod#12`.
        registry: the address of its repository (what `git fetch` takes), which needs no clone; or an open clone, whose
            main says more about what counts.
        to: where; `to/current` will be the release.
        options: what `modelmark pull` has options for: some files only, releases to keep, a cache that targets share,
            what is on this disk and nothing else; None = all files, two releases, no sharing.

    Raises:
        InvalidInput: what was asked is not well formed.
        NotFound: nothing is meant by it.
        Corrupt: the bytes are not what the tag pins; what was visible before still is.
        CouldNot: network, Git, storage or disk, which Unreachable, Denied and Missing tell apart.
    """
    asked = as_reference(reference)
    done = (
        registry.pull(asked, to, options)
        if isinstance(registry, Registry)
        else pull_remote(str(registry), asked, to, options)
    )
    found = done.resolved
    by = found.assignment
    return Release(
        path=(Path(to) / "releases" / done.release).absolute(),
        current=done.path.absolute(),
        model=found.registered.tag.model,
        version=found.version,
        manifest=done.manifest,
        tag=str(found.registered.tag),
        assignment=None if by is None else str(by.tag),
        assigned_at=None if by is None else by.at,
        verified=not done.unchanged,
        warnings=done.warnings,
    )


def resolve(reference: Reference | str, *, registry: str | Path | Registry) -> Resolved:
    """What a reference means now, by tags alone.

    Args:
        reference: as for `pull`.
        registry: as for `pull`.

    Raises:
        InvalidInput, NotFound, CouldNot: as for `pull`.
    """
    asked = as_reference(reference)
    if isinstance(registry, Registry):
        return registry.resolve(asked)
    return resolve_remote(str(registry), asked)
