"""Put an alias back to a version it meant before: the tag at once, its record in the files by review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.aliases import Desired
from modelmark.domain.findings import errors_of
from modelmark.domain.history import Assignment, ModelHistory, Origin
from modelmark.domain.plan import Decision, NewTag, assignment_message, rollback_target
from modelmark.domain.policy import Way
from modelmark.domain.tags import AssignmentTag, check_reason
from modelmark.errors import CouldNot, InvalidInput, Lost, ModelmarkError, Refused
from modelmark.usecases import state
from modelmark.usecases.apply import carry_out
from modelmark.usecases.record import Recorded, record_alias, unrecorded
from modelmark.usecases.submit import NotPassed

if TYPE_CHECKING:
    from modelmark.domain.names import AliasName, ModelName
    from modelmark.domain.versions import Version
    from modelmark.usecases.ports import Workspace


@dataclass(frozen=True)
class RolledBack:
    """What a rollback did.

    Attributes:
        assignment: the assignment that is true now.
        resumed: an earlier, unfinished run had made it; this one only recorded it.
        recorded: where incident and `aliases.yaml` went.
    """

    assignment: Assignment
    resumed: bool
    recorded: Recorded


def rollback(
    workspace: Workspace, model: ModelName, alias: AliasName, to: Version | None, reason: str
) -> RolledBack:
    """Roll an alias back.

    Args:
        workspace: the registry.
        model: whose alias.
        alias: which.
        to: a version that held the alias before; None = what today's version replaced.
        reason: goes into the tag and the incident.

    Raises:
        Refused: the policy wants a review, or there is nothing to go back to.
        Lost: somebody else assigned the alias in this moment; nothing was done.
    """
    text = check_reason(reason)
    main = state.fetched_main(workspace, state.tag_patterns(model))
    rule = main.policy.aliases.get(alias)
    if rule is None:
        raise InvalidInput(f"registry.yaml has no alias {alias}", f"it has: {', '.join(main.policy.aliases)}")
    history = state.history_of(workspace, main, model)
    last = history.now(alias)
    if last is not None and _is_same(last, to, text) and unrecorded(workspace, main, history, model, alias):
        return RolledBack(last, True, _record(workspace, last))
    if rule.rollback is not Way.DIRECT:
        target = rollback_target(model, alias, history, to)
        raise Refused(
            f"registry.yaml does not allow {alias} to be rolled back without review",
            f"ask for it: modelmark promote {model}@{target} --to {alias} --reason …",
        )
    target = rollback_target(model, alias, history, to)
    _check_counts(workspace, main, history, model, alias, target)
    if state.is_archived(workspace, main.commit, model, target):
        raise Refused(
            f"{model}@{target} is archived and may not be assigned", "name another version with --to"
        )
    made = _assign(
        workspace, main, history, AssignmentTag(model, alias, history.observed(alias) + 1), target, text
    )
    return RolledBack(made, False, _record(workspace, made))


def _check_counts(
    workspace: Workspace,
    main: state.Main,
    history: ModelHistory,
    model: ModelName,
    alias: AliasName,
    target: Version,
) -> None:
    """Refuse a rollback whose tag would not count, by rule 7 of `domain/history.py`, before a number is used up."""
    reviewed = [one for one in history.aliases[alias] if one.origin is Origin.REVIEWED]
    if not reviewed or not state.facts_of(workspace, main).direct(reviewed[-1].commit, alias):
        raise Refused(
            f"{alias} was last promoted when registry.yaml did not say `rollback: direct` yet, so a rollback would "
            "not count; nothing was made",
            f"ask for it: modelmark promote {model}@{target} --to {alias} --reason …",
        )


def _record(workspace: Workspace, made: Assignment) -> Recorded:
    """Record it; whatever goes wrong here, the rollback itself is true, and that must be said first."""
    name = made.tag
    try:
        return record_alias(workspace, name.model, name.alias)
    except ModelmarkError as error:
        findings = error.findings if isinstance(error, NotPassed) else ()
        why = "; ".join((str(error), *errors_of(findings)))
        raise CouldNot(
            f"{name.model}@{name.alias} is rolled back: {name} means {made.version}. Its record could not be made: {why}",
            f"then record it: modelmark record {name.model} --alias {name.alias}",
        ) from error


def _is_same(last: Assignment, to: Version | None, reason: str) -> bool:
    """Whether an assignment is the same rollback by an earlier run, which was stopped before it was recorded."""
    return last.origin is Origin.ROLLBACK and last.reason == reason and to in (None, last.version)


def _assign(
    workspace: Workspace,
    main: state.Main,
    history: ModelHistory,
    name: AssignmentTag,
    target: Version,
    reason: str,
) -> Assignment:
    who = workspace.writer.identity()
    wish = Desired(target, name.number, reason)
    message = assignment_message(main.policy.registry_id, name, wish, history, {"Requested-By": str(who)})
    commit = history.versions[target].commit
    decision = Decision(commit, who.at, (NewTag(name, commit, who, message),))
    try:
        if not carry_out(workspace, decision, push=workspace.remote.name is not None):
            workspace.remote.fetch_tags(state.tag_patterns(name.model))
    except Lost as error:
        workspace.remote.fetch_tags(state.tag_patterns(name.model))
        now = state.history_of(workspace, main, name.model).now(name.alias)
        what = (
            f"{now.tag} by {now.by} means {now.version or 'nothing'}"
            if now
            else "another assignment is there"
        )
        raise Lost(
            f"somebody else assigned {name.alias} in this moment: {what}. Nothing of yours was done",
            f"look at it, then decide again: modelmark history {name.model} --alias {name.alias}",
        ) from error
    made = state.history_of(workspace, main, name.model).now(name.alias)
    if made is None or made.tag != name:
        raise Refused(f"{name} was made, and does not count", "`modelmark verify` says why")
    return made
