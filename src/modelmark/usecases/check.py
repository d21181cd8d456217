"""The gate: read a change as data, run every check on it, say yes or no.

Policy and code come from the base; nothing of the change is executed, and its own policy is never used, except where
the base has none because the change makes the registry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from modelmark.checks import ALL
from modelmark.domain.change import Span
from modelmark.domain.findings import Finding, Level, Verdict, judge
from modelmark.domain.inspection import Reach
from modelmark.domain.waivers import excuse
from modelmark.errors import ModelmarkError, NotFound
from modelmark.usecases import state
from modelmark.usecases.changed_files import READING
from modelmark.usecases.gather import Gatherer
from modelmark.usecases.newest import history_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modelmark.domain.change import Candidate
    from modelmark.domain.checks import Check
    from modelmark.domain.history import ModelHistory
    from modelmark.domain.names import ModelName
    from modelmark.usecases.newest import Wanted
    from modelmark.usecases.ports import Workspace


@dataclass(frozen=True)
class Report:
    """A verdict, and what it was about; `left_out` = checks that a gate names and that would have reached too far."""

    span: Span
    verdict: Verdict
    candidate: Candidate
    left_out: tuple[str, ...] = ()


def check(workspace: Workspace, base: str | None, head: str | None, *, fetch: bool = False) -> Report:
    """Judge the change from `base` (default: main) to `head` (default: HEAD), both as people name commits.

    Args:
        workspace: the registry.
        base: what the change is against; empty = not given, as a workflow says it.
        head: the change.
        fetch: bring from the remote first what this needs and no more, so that any clone will do: main with its history,
            the head, and the tags of the models that the change touches.

    Raises:
        NotFound: no such commit, or no common ancestor.
    """
    reader = workspace.reader
    main = state.fetched_main(workspace) if fetch else state.find_main(workspace)
    named = _fetched if fetch else _named
    tip = named(workspace, head or "HEAD")
    against = named(workspace, base) if base else main.commit
    fork = reader.merge_base(against, tip)
    if fork is None:
        raise NotFound(
            "base and head have no common ancestor", "deepen the clone: git fetch --unshallow, or --fetch"
        )
    span = Span(fork, tip, against, workspace.now())
    _fetch_tags(workspace, span, every=fetch)
    return judge_change(workspace, span, partial(history_for, workspace, main), Reach.RUN)


def _fetch_tags(workspace: Workspace, span: Span, *, every: bool) -> None:
    """Bring the tags of the models that are touched, or of those that lose a version.

    Only a version without a tag may be removed, so a clone that lacks tags must always ask before it says yes.
    """
    touched = {
        change.place.model
        for change in workspace.reader.diff(span.base, span.head)
        if change.place.model is not None
        and (every or (change.status == "D" and change.place.version is not None))
    }
    workspace.remote.fetch_tags([glob for model in sorted(touched) for glob in state.tag_patterns(model)])


def _fetched(workspace: Workspace, head: str) -> str:
    """A commit by its full id, or a branch of the remote, as it is there now; other names mean what they mean here."""
    remote = workspace.remote
    branch = head.removeprefix(f"{remote.name}/")
    if branch != head:
        remote.fetch_branches(branch)
    elif re.fullmatch("[0-9a-f]{40,64}", head):
        remote.fetch_commit(head)
    return _named(workspace, head)


def _named(workspace: Workspace, text: str) -> str:
    found = workspace.reader.find_commit(text)
    if found is None:
        raise NotFound(
            f"there is no commit {text!r} here",
            "name a branch, a tag, HEAD or a full commit id; git fetch first, or use --fetch",
        )
    return found


def judge_change(
    workspace: Workspace, span: Span, history: Callable[[ModelName, Wanted], ModelHistory], reach: Reach
) -> Report:
    """Judge one change.

    Args:
        workspace: the registry.
        span: what is judged.
        history: what the tags of a model say before the change, as far as it is asked.
        reach: how far checks may reach; those that would go farther are left out, and the report names them.

    Raises:
        CouldNot: the storage or Git cannot be read, so there is no verdict.
    """
    within = {rule: one for rule, one in ALL.items() if one.reach <= reach}
    candidate = Gatherer(workspace, span, history, within).candidate()
    asked = {rule for subject in candidate.subjects for rule in subject.rules.checks}
    runs = {rule: one for rule, one in within.items() if not one.named or rule in asked}
    findings = [*candidate.unreadable]
    for rule, one in runs.items():
        for part in _parts(rule, one, candidate):
            findings += _guarded(rule, one.run, part)
    waivable = {rule for rule, one in ALL.items() if one.waivable}
    excused = excuse(findings, candidate.cards, waivable, span.at.date())
    return Report(span, judge((READING, *runs), excused), candidate, tuple(sorted(asked - set(runs))))


def _parts(rule: str, one: Check, candidate: Candidate) -> tuple[Candidate, ...]:
    """What looks into files judges each version by itself: what cannot be seen of one hides nothing of the others."""
    if not one.named and not one.needs:
        return (candidate,)
    return tuple(replace(candidate, subjects=(subject,)) for subject in candidate.asked(rule))


def _guarded(rule: str, run: Callable[[Candidate], Iterator[Finding]], candidate: Candidate) -> list[Finding]:
    """One broken check is an error finding, and the others still run."""
    place = [(subject.path, subject.line) for subject in candidate.asked(rule)]
    path, line = place[0] if place else ("", 0)
    try:
        return list(run(candidate))
    except ModelmarkError as error:  # nobody could look, and that is never a pass
        return [Finding(rule, Level.ERROR, error.message, path, line, error.hint)]
    except Exception as error:  # noqa: BLE001 - a bug in one check must refuse, not hide what the others found
        words = f"this check broke ({type(error).__name__}: {error}); report it as a bug"
        return [Finding(rule, Level.ERROR, words, path, line)]
