"""Make the tags say what main asks for.

It reconciles: it compares files and tags, walks main from the oldest commit that is missing, judges each merge again
by the policy of its own first parent, and makes the tags that are not there. So it never acts on an event, and late,
doubled and killed runs converge: the bytes of a tag are a pure function of the commit that decided it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.tags import TAG_PREFIX
from modelmark.errors import Lost
from modelmark.usecases import state
from modelmark.usecases.planning import Disagreement, Planner

if TYPE_CHECKING:
    from modelmark.domain.plan import (
        Decision,
        Plan,
    )
    from modelmark.usecases.ports import Workspace

_TRIES = 5


@dataclass(frozen=True)
class Applied:
    """What a run of `apply` planned and did."""

    plan: Plan
    disagreements: tuple[Disagreement, ...]
    pushed: bool


def apply(workspace: Workspace, *, dry_run: bool = False, push: bool = True) -> Applied:
    """Create the missing tags.

    Args:
        workspace: the registry.
        dry_run: plan only.
        push: create them on the remote; else only in this clone.

    Raises:
        Lost: others were faster several times in a row.
        CouldNot: remote or storage cannot be reached; what was created stays, a rerun does the rest.
    """
    remote = push and workspace.remote.name is not None
    for _ in range(_TRIES):
        main = _synced(workspace, remote)
        planner = Planner(workspace, main)
        plan = planner.plan()
        disagreements = tuple(planner.disagreements())
        if dry_run:
            return Applied(plan, disagreements, pushed=False)
        try:
            for decision in plan.decisions:
                carry_out(workspace, decision, push=remote)
        except Lost:
            continue  # somebody applied at the same time: read again what is true now, and do what is left
        return Applied(plan, disagreements, remote)
    raise Lost("others made tags at the same time, again and again", "run `modelmark apply` again")


def _synced(workspace: Workspace, remote: bool) -> state.Main:
    if not remote:
        return state.find_main(workspace)
    return state.fetched_main(workspace, ["*"])


def carry_out(workspace: Workspace, decision: Decision, *, push: bool) -> None:
    """Create all tags of one decision, on the remote first and then here; all of them or none."""
    refs = {f"{TAG_PREFIX}{tag.name}": workspace.writer.make_tag(tag) for tag in decision.tags}
    if push:
        workspace.remote.push(refs)
    workspace.writer.create_refs(refs)
