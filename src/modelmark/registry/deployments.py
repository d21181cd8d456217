"""Where records of deployments are kept, opened by what a person names; and the verbs on them that need no clone."""

from __future__ import annotations

import os
import platform
import random
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from modelmark.adapters.git_writer import now
from modelmark.domain.deployments import Place, host_name, parse_env
from modelmark.domain.names import shown
from modelmark.errors import InvalidInput
from modelmark.registry.asked import RECORDS
from modelmark.usecases.deployed import Recorded, Witness, claimed, deployed, record_deployment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modelmark.adapters.record_branch import BranchRecords
    from modelmark.domain.references import ByAlias, Reference
    from modelmark.usecases.deployed import Records

# As in `local.py`, each imports what it needs.
# ruff: noqa: PLC0415


_Branch = TypeVar("_Branch")


def open_records(where: str, branch: Callable[[str], _Branch]) -> Records | _Branch:
    """The records at `folder:PATH`, `branch:NAME`, or an address that takes events.

    Args:
        where: as a person wrote it.
        branch: opens a branch of the registry by its name.

    Raises:
        InvalidInput: it is none of these.
    """
    kind, _, rest = where.partition(":")
    if kind == "branch" and rest:
        return branch(rest)
    if kind == "folder" and rest:
        from modelmark.adapters.record_folder import FolderRecords

        return FolderRecords(Path(rest).absolute())
    if where == "webhook" or kind in ("https", "http"):
        from modelmark.adapters.record_webhook import find_records

        return find_records(os.environ, None if where == "webhook" else where)
    raise InvalidInput(
        f"{shown(where)} is no place for records",
        "use folder:PATH, branch:NAME, webhook (the one in MODELMARK_WEBHOOK_URL), or https://…",
    )


def check_records(where: str) -> None:
    """See that a place for records is one, without asking anybody.

    Raises:
        InvalidInput: it is none.
    """
    from modelmark.adapters.record_branch import parse_branch

    open_records(where, parse_branch)


def witness(records: Records) -> Witness:
    """This machine, now."""
    return Witness(host_name(platform.node()), now, records, _pause)


def _pause(attempt: int) -> None:
    """Longer each time, and at random: those who lost together must not come back together."""
    time.sleep(random.uniform(0, min(0.05 * 2**attempt, 5)))  # noqa: S311 - no secret


def records_in(root: Path, where: str) -> Records:
    """The records of a registry by a clone of it."""

    def branch(name: str) -> BranchRecords:
        from modelmark.adapters.git import GitRunner
        from modelmark.adapters.git_remote import GitRemote, find_remote
        from modelmark.adapters.record_branch import BranchRecords

        runner = GitRunner(root)
        return BranchRecords(runner, GitRemote(runner, find_remote(runner)), name)

    return open_records(where, branch)


@contextmanager
def records_of(url: str, where: str) -> Iterator[Records]:
    """The records of a registry by its address; needs no clone."""
    from modelmark.adapters.record_branch import Scratch

    with Scratch(url) as scratch:
        yield open_records(where, scratch.records)


def deployed_remote(
    url: str, reference: Reference, env: str, to: str | Path | None = None, records: str = RECORDS
) -> Recorded:
    """Record what runs in an environment; needs no clone."""
    from modelmark.adapters.remote_registry import RemoteRegistry
    from modelmark.adapters.running import Disk

    with RemoteRegistry(url) as remote, records_of(url, records) as kept:
        return deployed(remote, Disk(), reference, env, None if to is None else Path(to), witness(kept))


def report(
    url: str, followed: ByAlias, env: str, to: str | Path, records: str = RECORDS, *, release: str = ""
) -> Recorded:
    """Record a release right after its pull, which has read every byte: nothing is read again. For a sidecar.

    Args:
        url: the registry's address, for records on a branch of it.
        followed: the alias that the environment follows.
        env: its name.
        to: where the release was pulled to.
        records: where records are.
        release: the name of its directory; else what is visible now.

    Raises:
        InvalidInput: a name, or the record beside the release, cannot be used.
        NotFound: nothing was pulled there.
        CouldNot: the place of the records cannot be reached; a rerun does no harm.
    """
    from modelmark.adapters.running import Disk

    target, disk = Path(to), Disk()
    place = Place(followed.model, followed.alias, parse_env(env))
    with records_of(url, records) as kept:
        here = witness(kept)
        about = disk.facts(target / "releases" / release, target) if release else disk.about(target)[1]
        made = claimed(about, place, target, here)
        return record_deployment(kept, replace(made, verified=True), here.pause)
