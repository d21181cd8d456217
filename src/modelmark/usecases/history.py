"""What was live, when, by whom and why: the tags of a model, told in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.errors import InvalidInput, NotFound
from modelmark.usecases import state
from modelmark.usecases.listing import AliasState, alias_state, all_aliases

if TYPE_CHECKING:
    from datetime import datetime

    from modelmark.domain.history import Assignment
    from modelmark.domain.names import AliasName, ModelName
    from modelmark.usecases.ports import Workspace


@dataclass(frozen=True)
class Past:
    """The assignments of one model, and the states that need a person."""

    model: ModelName
    assignments: tuple[Assignment, ...]
    states: tuple[AliasState, ...]
    bad: tuple[str, ...]


def history(workspace: Workspace, model: ModelName, alias: AliasName | None, as_of: datetime | None) -> Past:
    """What the aliases of a model meant, newest first; with `as_of`, what each meant at that moment.

    Raises:
        NotFound: no alias of the model was ever assigned.
    """
    main = state.find_main(workspace)
    folded = state.history_of(workspace, main, model)
    chosen = [one for one in folded.aliases if alias in (None, one)]
    if not chosen:
        what = f"{alias} of {model}" if alias else f"an alias of {model}"
        raise NotFound(f"{what} was never assigned", f"modelmark list {model}")
    rows: list[Assignment] = []
    for one in chosen:
        until = [found for found in folded.aliases[one] if as_of is None or found.at <= as_of]
        rows += until if as_of is None else until[-1:]
    rows.sort(key=lambda one: (one.at, one.tag.number), reverse=True)
    bad = tuple(f"the tag {one.name} does not count: {one.why}" for one in folded.bad)
    try:
        desired = state.aliases_at(workspace, main.commit, model)
    except InvalidInput as error:  # what was live stands in the tags: a broken file must not hide it
        return Past(model, tuple(rows), (), (*bad, str(error)))
    states = tuple(
        found
        for one in all_aliases(folded, desired)
        if alias in (None, one) and (found := alias_state(one, folded, desired)).state is not None
    )
    return Past(model, tuple(rows), states, bad)
