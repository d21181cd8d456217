"""A registry by its address alone: what a deployment asks, without a clone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from modelmark.usecases.resolve import Resolved, resolve

if TYPE_CHECKING:
    from modelmark.domain.references import Reference
    from modelmark.usecases.pull import Pulled, PullOptions
    from modelmark.usecases.pull_ports import Progress

# As in `local.py`, each verb imports what it needs.
# ruff: noqa: PLC0415


def resolve_remote(url: str, reference: Reference) -> Resolved:
    """What a reference means, by the tags of a remote; needs no clone."""
    from modelmark.adapters.remote_registry import RemoteRegistry

    with RemoteRegistry(url) as remote:
        return resolve(remote, reference)


def pull_remote(
    url: str,
    reference: Reference,
    target: str | Path,
    options: PullOptions | None = None,
    progress: Progress | None = None,
) -> Pulled:
    """Bring a version from a remote registry into a directory; needs no clone."""
    from modelmark.adapters.releases import Directories, kept_tags
    from modelmark.adapters.remote_registry import RemoteRegistry
    from modelmark.usecases.pull import PullOptions, pull

    place, chosen = Path(target), options or PullOptions()
    with RemoteRegistry(url, kept_tags(place), offline=chosen.offline) as remote:
        return pull(remote, Directories(), reference, place, chosen, progress)
