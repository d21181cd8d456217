"""Make the tags say what main asks for.

It reconciles: it compares files and tags, walks main from the oldest commit that is missing, judges each merge again
by the policy of its own first parent, and makes the tags that are not there. So it never acts on an event, and late,
doubled and killed runs converge: the bytes of a tag are a pure function of the commit that decided it. A decision whose
tags the remote does not take is rejected with the reason, and the others are carried out without it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modelmark.domain.names import shown
from modelmark.domain.plan import parts
from modelmark.domain.tags import TAG_PREFIX
from modelmark.errors import CouldNot, Declined, Denied, Lost, Unreachable
from modelmark.usecases import state
from modelmark.usecases.blocked import blocking
from modelmark.usecases.planning import Disagreement, Planner
from modelmark.usecases.provenance import GitProvenance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modelmark.domain.plan import Decision, Plan
    from modelmark.usecases.ports import Workspace

_TRIES = 5  # of one decision: each time somebody else may have been faster


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
        push: create them on the remote; else only in this clone, where no approval is counted.

    Raises:
        CouldNot: remote or storage cannot be reached; what was created stays, a rerun does the rest.
    """
    remote = push and workspace.remote.name is not None
    if not push:
        workspace = replace(workspace, provenances=lambda: GitProvenance(workspace.reader))
    made: list[Decision] = []
    lost: Counter[str] = Counter()
    given_up: dict[str, str] = {}
    while True:  # each round is the last, makes a tag, or takes one of the tries of a commit
        main = _synced(workspace, remote)
        planner = Planner(workspace, main, given_up)
        plan = planner.plan()
        disagreements = tuple(planner.disagreements())
        if dry_run:
            return Applied(plan, disagreements, pushed=False)
        pushes = [part for one in plan.decisions for part in parts(one, main.policy.aliases)]
        try:
            as_planned = _carry_out_all(workspace, pushes, made, push=remote)
        except _NotTaken as error:  # read again what is true now, and do what is left
            lost[error.decision.commit] += 1
            why = _why(workspace, error, lost[error.decision.commit])
            given_up |= {error.decision.commit: why} if why else {}
            continue
        if as_planned:
            return Applied(replace(plan, decisions=tuple(made)), disagreements, remote)


class _NotTaken(Exception):
    """The remote did not take the tags of one decision; its others may do."""

    def __init__(self, decision: Decision, error: Lost | Declined) -> None:
        super().__init__(error.message)
        self.decision = decision
        self.error = error


def _why(workspace: Workspace, refused: _NotTaken, times: int) -> str:
    """Why a decision is given up; empty where another try may end well."""
    for tag in refused.decision.tags:
        for name in blocking(workspace.reader, str(tag.name)):
            return f"{tag.name} cannot be made while there is a tag {shown(name, 200)}: have that one deleted on the remote"
    if isinstance(refused.error, Declined):
        return refused.error.message
    if times < _TRIES:
        return ""
    return "others made tags at the same time, again and again: run `modelmark apply` again"


def _synced(workspace: Workspace, remote: bool) -> state.Main:
    if not remote:
        return state.find_main(workspace)
    return state.fetched_main(workspace, state.ALL_TAGS)


def _carry_out_all(
    workspace: Workspace, decisions: Sequence[Decision], made: list[Decision], *, push: bool
) -> bool:
    """Carry out decisions in their order; False where one got other ids than planned, which the rest would name."""
    for decision in decisions:
        try:
            as_planned = carry_out(workspace, decision, push=push)
        except (Lost, Declined) as error:
            raise _NotTaken(decision, error) from error
        made.append(decision)
        if not as_planned:
            return False
    return True


def carry_out(workspace: Workspace, decision: Decision, *, push: bool) -> bool:
    """Create all tags of one decision, on the remote first and then here; all of them or none.

    Where the remote's rules do not take the push, and it is a forge, the tags are made by requests, one by one: the last
    first, since an alias that keeps a predecessor comes after its leader, and may know it earlier but not later.

    Returns:
        Whether the tags have the ids that were planned.
    """
    refs = {f"{TAG_PREFIX}{tag.name}": workspace.writer.make_tag(tag) for tag in decision.tags}
    if push:
        try:
            workspace.remote.push(refs)
        except (Declined, Denied) as error:
            if not _requested(workspace, decision, refs, error):
                return False
    workspace.writer.create_refs(refs)
    return True


def _requested(workspace: Workspace, decision: Decision, refs: Mapping[str, str], refused: CouldNot) -> bool:
    """Make the tags by requests; whether they have the ids of `refs`."""
    forge = workspace.tag_refs()
    if forge is None:
        raise refused
    as_planned = True
    try:
        for tag in reversed(decision.tags):
            oid = forge.make_tag(tag)
            forge.create(tag.name, oid)
            as_planned = as_planned and oid == refs[f"{TAG_PREFIX}{tag.name}"]
    except CouldNot as error:
        # An answer that is about these tags lets the others go on; no answer, or one about who we are, ends the run.
        rule = isinstance(refused, Declined) and not isinstance(error, (Denied, Unreachable))
        raise (Declined if rule else CouldNot)(
            f"the tags can be made neither by a push ({refused.message}) nor by a request ({error.message})",
            error.hint,
        ) from error
    return as_planned
