"""Ask that an alias means a version: the one-entry change of `aliases.yaml`, on a branch for review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.aliases import Aliases, Desired
from modelmark.domain.forge import labels_of
from modelmark.domain.plan import State, compare
from modelmark.domain.tags import AssignmentTag, check_reason
from modelmark.errors import InvalidInput, Refused
from modelmark.usecases import state
from modelmark.usecases.apply import apply
from modelmark.usecases.submit import Proposal, Submitted, submit

if TYPE_CHECKING:
    from modelmark.domain.history import ModelHistory
    from modelmark.domain.names import AliasName, ModelName
    from modelmark.domain.policy import Policy
    from modelmark.domain.references import ByVersion
    from modelmark.domain.versions import Version
    from modelmark.usecases.ports import Workspace


@dataclass(frozen=True)
class Promoted:
    """What was asked for: `number` will be the assignment, `previous` is what the alias means now."""

    model: ModelName
    alias: AliasName
    version: Version
    number: int
    previous: Version | None
    submitted: Submitted


def promote(workspace: Workspace, asked: ByVersion, alias: AliasName, reason: str) -> Promoted:
    """Ask that `alias` means the version.

    Raises:
        Refused: unknown alias, unregistered or archived version, the alias means it already, the file does not agree
            with the tags.
    """
    text = check_reason(reason)
    seen: list[tuple[int, Version | None]] = []

    def build(main: state.Main) -> Proposal:
        history = state.history_of(workspace, main, asked.model)
        desired = state.aliases_at(workspace, main.commit, asked.model)
        _check(workspace, main, history, asked, alias)
        _check_agreement(workspace, asked.model, alias, desired, history)
        wishes = _wishes(main.policy, history, alias, asked.version, text)
        seen.append((wishes[alias].number, history.meaning(alias)))
        path = layout.aliases_path(asked.model)
        before = workspace.reader.read([(main.commit, path)])[0]
        data = workspace.documents.set_aliases(before, asked.model, wishes)
        if data == before:
            raise Refused(
                f"{path} on main asks for exactly this already, and `modelmark apply` rejects it",
                "see why: modelmark apply --dry-run; then ask again with another --reason, to have it judged anew",
            )
        branch = f"promote/{asked.model}-{alias}-{wishes[alias].number}"
        message = f"Promote {asked.model}@{asked.version} to {alias}\n\n{text}"
        labels = labels_of("promotion", asked.model, alias)
        return Proposal(branch, {path: data}, message, (path,), labels)

    submitted = submit(workspace, build, state.tag_patterns(asked.model))
    number, previous = seen[-1]
    return Promoted(asked.model, alias, asked.version, number, previous, submitted)


def _check(
    workspace: Workspace, main: state.Main, history: ModelHistory, asked: ByVersion, alias: AliasName
) -> None:
    if alias not in main.policy.aliases:
        known = ", ".join(name for name in main.policy.aliases if name not in main.policy.previous_aliases())
        raise InvalidInput(f"registry.yaml has no alias {alias}", f"it has: {known}")
    if alias in main.policy.previous_aliases():
        raise Refused(
            f"{alias} follows another alias by itself and is never promoted to", "promote to the other one"
        )
    state.require_version(history, asked.model, asked.version)
    if state.is_archived(workspace, main.commit, asked.model, asked.version):
        raise Refused(f"{asked} is archived and may not be assigned", "promote another version")
    if history.meaning(alias) == asked.version:
        raise Refused(
            f"{asked.model}@{alias} already means {asked.version}", f"modelmark show {asked.model}@{alias}"
        )


def _check_agreement(
    workspace: Workspace, model: ModelName, alias: AliasName, desired: Aliases, history: ModelHistory
) -> None:
    """A file behind a rollback, or a merge that waits for `apply`, comes first: else two changes would fight."""
    wish = desired.entries.get(alias)
    found = compare(wish, history, alias) if wish else State.DONE
    now = history.now(alias)
    overtaken = (
        wish is not None and now is not None and found is State.CONFLICT and now.tag.number == wish.number
    )
    if found is State.BEHIND or overtaken or (wish is None and now is not None):
        raise Refused(
            f"aliases.yaml of {model} does not know yet what {alias} means since it was rolled back",
            f"merge the record first; to make it: modelmark record {model}",
        )
    if wish is not None and found is State.WAITS:
        name = AssignmentTag(model, alias, wish.number)
        planned = apply(workspace, dry_run=True).plan.decisions
        if any(tag.name == name for decision in planned for tag in decision.tags):
            raise Refused(f"{name} is merged and has no tag yet", "run `modelmark apply`, then promote again")


def _wishes(
    policy: Policy, history: ModelHistory, alias: AliasName, version: Version, reason: str
) -> dict[AliasName, Desired]:
    """The entry of the alias, and of the one that keeps the version it leaves."""
    wishes = {alias: Desired(version, history.observed(alias) + 1, reason)}
    keeper, leaves = policy.aliases[alias].previous_as, history.meaning(alias)
    if keeper is not None and leaves is not None and history.meaning(keeper) != leaves:
        number = history.observed(keeper) + 1
        wishes[keeper] = Desired(leaves, number, f"{alias} moved on to {version}")
    return wishes
