"""Follows an alias of a registry by its address, for as long as this process lives."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from modelmark.domain.references import ByAlias
from modelmark.domain.watching import Pace
from modelmark.errors import InvalidInput
from modelmark.registry.asked import RECORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelmark.domain.references import Reference
    from modelmark.domain.watching import Release

# As in `local.py`, each verb imports what it needs.
# ruff: noqa: PLC0415

# A registry that takes longer stalls, and that is an outcome, not a reason to start this process anew.
_POLL_SECONDS = 60.0


@dataclass(frozen=True)
class WatchOptions:
    """How an alias is watched.

    Attributes:
        every: seconds between two polls, on average.
        on_change: program and arguments of the hook; empty = none.
        hook_seconds: how long the hook may take.
        health: `HOST:PORT` to answer on over HTTP; None = nowhere.
        report: the environment in whose name every release that is live is recorded; None = nowhere.
        records: where, as for `modelmark deployed`.
    """

    every: float = 30.0
    on_change: tuple[str, ...] = ()
    hook_seconds: float = 60.0
    health: str | None = None
    report: str | None = None
    records: str = RECORDS


def watch_remote(
    url: str, reference: Reference, target: str | Path, options: WatchOptions, tell: Callable[[str], object]
) -> NoReturn:
    """Keep a directory at what an alias means, until an exception from a signal ends it.

    Args:
        url: the registry's repository.
        reference: `m@prod`.
        target: `target/current` is the release.
        options: how.
        tell: given a sentence for each change; it may quote foreign text.

    Raises:
        InvalidInput: the reference is no alias, there is no such hook, the address to listen on is none, or nothing can
            be recorded there.
        CouldNot: the target cannot be written, or the address cannot be listened on.
    """
    from modelmark.adapters.clock import Clock
    from modelmark.adapters.health import Board, parse_address, serving
    from modelmark.adapters.hook import Hook
    from modelmark.adapters.metrics import metrics_of
    from modelmark.adapters.releases import Directories, kept_tags
    from modelmark.adapters.remote_registry import RemoteRegistry
    from modelmark.adapters.shelf import Shelf
    from modelmark.usecases.watch import watch
    from modelmark.usecases.watch_ports import Order, Surroundings

    if not isinstance(reference, ByAlias) or reference.number is not None:
        raise InvalidInput(
            f"{reference} never means another version; a watch follows an alias",
            f"watch {reference.model}@prod, or bring a version once with `modelmark pull`",
        )
    reporter = _reporter(url, reference, target, options)
    hook = Hook(options.on_change, options.hook_seconds) if options.on_change else None
    if hook is not None:
        hook.check()
    with ExitStack() as stack:
        registry = stack.enter_context(RemoteRegistry(url, seconds=_POLL_SECONDS))
        board = Board(str(reference), registry.address)
        if options.health is not None:
            address = parse_address(options.health)
            tell(f"health on {stack.enter_context(serving(address, board, metrics_of(board)))}")
        around = Surroundings(
            registry,
            lambda: RemoteRegistry(url, kept_tags(Path(target))),
            Directories(),
            Shelf(),
            hook,
            Clock(),
            board.show,
            tell,
            reporter,
        )
        tell(f"watching {reference} of {registry.address} every {options.every:g} s, into {target}")
        watch(around, Order(reference, Path(target), Pace(options.every), options.hook_seconds))


def _reporter(
    url: str, followed: ByAlias, target: str | Path, options: WatchOptions
) -> Callable[[Release], bool] | None:
    """Records a release that is live; what is wrong with the names is said now, and not at the first promotion.

    Nobody is reached for that: a registry that is down is waited for. And aside: no poll waits for a record.
    """
    from modelmark.adapters.aside import Aside
    from modelmark.domain.deployments import parse_env
    from modelmark.registry.deployments import check_records, report

    if options.report is None:
        return None
    env = parse_env(options.report)
    check_records(options.records)

    def record(release: Release) -> object:
        return report(url, followed, env, Path(target) / "releases" / release.name, options.records)

    return Aside(record)
