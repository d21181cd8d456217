"""Hold everything against everything: tags, files on main, storage, code owners, and what `apply` has left to do.

It brings main and all tags first, and changes nothing. Each part stands beside the others: one that finds much hides none. What
cannot be looked at (a storage that does not answer) is an error of the command and no finding, so silence never means yes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.codeowners import PLACE
from modelmark.domain.findings import Finding, Level, Verdict, judge
from modelmark.domain.fold import fold
from modelmark.usecases import state, unapplied
from modelmark.usecases.apply import apply
from modelmark.usecases.codeowners import check_codeowners
from modelmark.usecases.verify import Depth, Verified, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from modelmark.usecases.ports import Workspace

BY_HAND, OWNERS = "by-hand", "codeowners"


@dataclass(frozen=True)
class Audited:
    """The verdict on main at a commit, and how much was looked at."""

    commit: str
    verdict: Verdict
    models: int
    versions: int
    assignments: int
    objects: int


def audit(
    workspace: Workspace, extra: Mapping[str, Callable[[state.Main], Iterable[Finding]]] | None = None
) -> Audited:
    """Audit the whole registry.

    Args:
        workspace: the registry.
        extra: more rules by their names, each with what finds; asked with main as it is now.

    Raises:
        CouldNot: Git, the storage or the forge could not be read, so there is no verdict.
    """
    applied = apply(workspace, dry_run=True)  # brings main and the tags
    main = state.find_main(workspace)
    verified = verify(workspace, None, Depth(storage=True))
    more = extra or {}
    findings = [
        *verified.verdict.findings,
        *unapplied.unapplied(applied),
        *_by_hand(workspace, main),
        *_owners(workspace, main),
        *(found for producer in more.values() for found in producer(main)),
    ]
    rules = (*verified.verdict.rules, unapplied.RULE, BY_HAND, OWNERS, *more)
    return Audited(main.commit, judge(rules, findings), *_counts(verified))


def _counts(verified: Verified) -> tuple[int, int, int, int]:
    return verified.models, verified.versions, verified.assignments, verified.objects


def _by_hand(workspace: Workspace, main: state.Main) -> Iterator[Finding]:
    """Assignments that count and that nobody reviewed: rollbacks, of which those by plain Git carry no trailers."""
    facts = state.facts_of(workspace, main)
    for _, tags in sorted(state.by_model(workspace.reader.tags(state.ALL_TAGS)).items()):
        for assignments in fold(tags, facts).aliases.values():
            for one in assignments:
                if "Registry" not in one.trailers:
                    said = f"{one.tag} was made by hand and counts: it put {one.tag.alias} back to {one.version}, by {one.by}"
                    yield Finding(BY_HAND, Level.NOTE, f"{said}: {one.reason}")


def _owners(workspace: Workspace, main: state.Main) -> Iterator[Finding]:
    report = check_codeowners(workspace, main.commit)
    hint = "modelmark codeowners, and commit it"
    for warning in report.warnings:
        yield Finding(OWNERS, Level.NOTE, warning, PLACE)
    for problem in report.agreement.problems:
        yield Finding(OWNERS, Level.ERROR, problem, PLACE, hint=hint)
    for what, lines in (("lacks", report.agreement.missing), ("has", report.agreement.surplus)):
        for line in lines:
            yield Finding(OWNERS, Level.ERROR, f"the block {what} `{line}`", PLACE, hint=hint)
