"""Where records of deployments are kept, opened by what a person names; and the verbs on them that need no clone."""

from __future__ import annotations

import os
import platform
import random
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

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


def open_records(where: str, branch: Callable[[str], BranchRecords]) -> Records:
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
    """Whether a place for records can be one, without a look at it.

    Raises:
        InvalidInput: it cannot.
    """
    from modelmark.adapters.record_branch import parse_branch

    kind, _, rest = where.partition(":")
    if kind == "branch" and rest:
        parse_branch(rest)
    else:
        open_records(where, _no_branch)


def _no_branch(name: str) -> NoReturn:
    raise AssertionError(name)


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


def report(url: str, followed: ByAlias, env: str, release: Path, records: str = RECORDS) -> Recorded:
    """Record a release right after its pull, which has read every byte: nothing is read again. For a sidecar.

    Args:
        url: the registry's address, for records on a branch of it.
        followed: the alias that the environment follows.
        env: its name.
        release: its folder; what is visible now may be another one already.
        records: where records are.

    Raises:
        InvalidInput: a name, or the record beside the release, cannot be used.
        NotFound: it is not there any more.
        CouldNot: the place of the records cannot be reached; a rerun does no harm.
    """
    from modelmark.adapters.running import Disk

    place = Place(followed.model, followed.alias, parse_env(env))
    with records_of(url, records) as kept:
        here = witness(kept)
        made = claimed(Disk().said(release, release.parents[1]), place, release, here)
        return record_deployment(kept, replace(made, verified=True), here.pause)
