"""Whether a tag that counts was made with the approvals that its alias asks for: the forge is asked once more.

Whoever may create tags may make the tag of a merge by hand, before or without its approvals. Nothing in the tag can show that,
since anybody can write trailers; the reviews can. People leave teams and accounts are deleted, so what was true when the
tag was made need not be found again years later: that is for a person to judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.change import Move
from modelmark.domain.findings import Finding, Level
from modelmark.domain.fold import fold
from modelmark.domain.history import Assignment, Origin
from modelmark.errors import InvalidInput
from modelmark.usecases import state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.usecases.ports import Workspace

RULE = "approvals"
_MOST = 150  # of about five requests each; a workflow's token may make a thousand an hour


def unapproved(workspace: Workspace, assignment: Assignment, level: Level) -> Iterator[Finding]:
    """Findings about an assignment that was made without its approvals; a rollback needs none.

    Args:
        workspace: whose `provenances` say who approved.
        assignment: one that counts.
        level: of the findings.

    Raises:
        CouldNot: the forge could not be asked.
    """
    if assignment.origin is not Origin.REVIEWED:
        return
    commit = workspace.reader.commit(assignment.commit)
    if not commit.parents:
        return
    try:
        policy = state.read_policy(workspace.reader, workspace.documents, commit.parents[0])
    except InvalidInput:
        return  # no rules, no approvals; what is wrong with the file is said elsewhere
    name = assignment.tag
    wish = state.aliases_at(workspace, commit.oid, name.model).entries.get(name.alias)
    if policy is None or wish is None or (wish.number, wish.version) != (name.number, assignment.version):
        return  # what `confirm` says
    rule = policy.aliases.get(name.alias)
    if rule is None or not rule.approvals:
        return
    move = Move(name.model, name.alias, wish, 0, None, None, False)
    rules = state.Main(commit.parents[0], policy)
    for words in workspace.provenances().of(commit, [move], [rules])[name.model].missing:
        yield Finding(
            RULE,
            level,
            f"the tag {name} was made without the approvals that its alias asks for: {words}",
            hint=f"find out who made it ({assignment.by}); to go back: modelmark rollback {name.model} --alias {name.alias}",
        )


def unapproved_now(workspace: Workspace, main: state.Main) -> Iterator[Finding]:
    """Warnings about what every alias means now, the newest first; of very many, about the newest alone."""
    facts = state.facts_of(workspace, main)
    tags = state.by_model(workspace.reader.tags(state.ALL_TAGS))
    histories = (fold(found, facts) for found in tags.values())
    now = [one for history in histories for alias in history.aliases if (one := history.now(alias))]
    newest = sorted(now, key=lambda one: one.at, reverse=True)
    for one in newest[:_MOST]:
        yield from unapproved(workspace, one, Level.WARNING)
    if len(newest) > _MOST:
        left = f"approvals were looked up for the {_MOST} newest assignments, and not for {len(newest) - _MOST:,} older ones"
        yield Finding(RULE, Level.NOTE, left, hint="modelmark verify 'm#prod#7' --approvals")
