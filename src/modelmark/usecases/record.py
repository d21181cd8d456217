"""Bring the files up to what the tags say after a rollback: `aliases.yaml` and an incident, on a branch for review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.aliases import Desired
from modelmark.domain.forge import labels_of
from modelmark.domain.history import Assignment, ModelHistory, Origin
from modelmark.domain.plan import TAGS_A_PUSH, State, compare
from modelmark.domain.records import Incident
from modelmark.domain.tags import TAG_PREFIX, check_reason
from modelmark.errors import InvalidInput, Lost, ModelmarkError, Refused
from modelmark.usecases import state
from modelmark.usecases.submit import Proposal, Submitted, submit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.names import AliasName, ModelName
    from modelmark.usecases.ports import Workspace

_LONGEST = 4000  # characters of a reason


@dataclass(frozen=True)
class Recorded:
    """The assignments that were recorded, newest last, and where the change went."""

    assignments: tuple[Assignment, ...]
    submitted: Submitted


def record(workspace: Workspace, model: ModelName | None, alias: AliasName | None) -> tuple[Recorded, ...]:
    """Record every alias (of the model, of that name) whose file is behind its tags; empty = none is."""
    patterns = state.tag_patterns(model) if model else state.ALL_TAGS
    main = state.fetched_main(workspace, patterns)
    names = state.by_model(workspace.reader.tags(patterns))
    recorded: list[Recorded] = []
    broken: ModelmarkError | None = None
    for one in sorted(names):
        try:
            behind = tuple(_behind(workspace, main, state.history_of(workspace, main, one), one))
        except InvalidInput as error:  # one model's broken file must not stop the others
            broken = broken or error
            continue
        for name in behind:
            try:
                recorded += [record_alias(workspace, one, name)] if alias in (None, name) else []
            except (InvalidInput, Lost) as error:
                broken = broken or error
    if broken is not None and not recorded:
        raise broken
    return tuple(recorded)


def _behind(
    workspace: Workspace, main: state.Main, history: ModelHistory, model: ModelName
) -> Iterator[AliasName]:
    for alias in history.aliases:
        if unrecorded(workspace, main, history, model, alias):
            yield alias


def unrecorded(
    workspace: Workspace, main: state.Main, history: ModelHistory, model: ModelName, alias: AliasName
) -> tuple[Assignment, ...]:
    """Assignments that `aliases.yaml` on main does not know, oldest first.

    One with the file's own number is among them where it means another version: a rollback came before a merged
    promotion was applied, and took its number.
    """
    wish = state.aliases_at(workspace, main.commit, model).entries.get(alias)
    known = (wish.number, wish.version) if wish else (0, None)
    return tuple(
        one
        for one in history.aliases.get(alias, ())
        if one.tag.number >= known[0] and (one.tag.number, one.version) != known
    )


def record_alias(workspace: Workspace, model: ModelName, alias: AliasName) -> Recorded:
    """Record one alias.

    Raises:
        Refused: the file is not behind.
    """
    seen: list[tuple[Assignment, ...]] = []

    def build(main: state.Main) -> Proposal:
        history = state.history_of(workspace, main, model)
        newer = unrecorded(workspace, main, history, model, alias)
        if not newer:
            raise Refused(
                f"aliases.yaml of {model} says already what {alias} means", f"modelmark history {model}"
            )
        _push_rollbacks(workspace, newer)
        seen.append(newer)
        return _proposal(workspace, main, history, newer)

    submitted = submit(workspace, build)
    return Recorded(seen[-1], submitted)


def _push_rollbacks(workspace: Workspace, newer: tuple[Assignment, ...]) -> None:
    """A rollback made by hand may have been forgotten to be pushed; one that is there already is no news to Git."""
    if workspace.remote.name is None:
        return
    made = [one for one in newer if one.origin is Origin.ROLLBACK]
    for start in range(0, len(made), TAGS_A_PUSH):
        workspace.remote.push(
            {f"{TAG_PREFIX}{one.tag}": one.oid for one in made[start : start + TAGS_A_PUSH]}
        )


def _proposal(
    workspace: Workspace, main: state.Main, history: ModelHistory, newer: tuple[Assignment, ...]
) -> Proposal:
    last, documents = newer[-1], workspace.documents
    model, alias = last.tag.model, last.tag.alias
    path = layout.aliases_path(model)
    wishes = {
        alias: Desired(last.version, last.tag.number, _reason(last)),
        **_overtaken(workspace, main, history, newer),
    }
    text = documents.set_aliases(workspace.reader.read([(main.commit, path)])[0], model, wishes)
    incidents = {
        layout.incident_path(model, alias, one.tag.number): documents.write_incident(_incident(one))
        for one in newer
        if one.origin is Origin.ROLLBACK
    }
    message = f"Record {last.tag}: {alias} of {model} means {last.version or 'nothing'}\n\n{_reason(last)}"
    branch = f"record/{model}-{alias}-{last.tag.number}"
    # The incidents are a pure function of the tags, so they tell this change even where main has moved meanwhile.
    labels = labels_of("rollback", model, alias)
    return Proposal(branch, {path: text, **incidents}, message, tuple(incidents) or (path,), labels)


def _overtaken(
    workspace: Workspace, main: state.Main, history: ModelHistory, newer: tuple[Assignment, ...]
) -> dict[AliasName, Desired]:
    """The entry of `previous_as`, put back where it belongs to a promotion that can no longer become true."""
    model, alias = newer[0].tag.model, newer[0].tag.alias
    entries = state.aliases_at(workspace, main.commit, model).entries
    wish, rule = entries.get(alias), main.policy.aliases.get(alias)
    keeper = rule.previous_as if rule else None
    if wish is None or keeper is None or wish.number != newer[0].tag.number:
        return {}
    kept, now = entries.get(keeper), history.now(keeper)
    if kept is None or now is None or compare(kept, history, keeper) is not State.WAITS:
        return {}
    return {keeper: Desired(now.version, now.tag.number, _reason(now))}


def _incident(one: Assignment) -> Incident:
    return Incident(
        one.tag.model, one.tag.alias, one.tag.number, one.previous, one.version, _reason(one), one.by, one.at
    )


def _reason(one: Assignment) -> str:
    """The tag's own words, as far as they may stand in a file: a person at a terminal may have written anything."""
    plain = "".join(char if char == "\n" or char.isprintable() else " " for char in one.reason)
    try:
        return check_reason(plain[:_LONGEST])
    except InvalidInput:
        return f"rolled back by hand, no reason given in {one.tag}"
