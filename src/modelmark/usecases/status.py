"""Declared against running: the tags of now, and the newest record of every environment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from modelmark.domain.running import Running, Standing, judge
from modelmark.errors import NotFound
from modelmark.usecases import state

if TYPE_CHECKING:
    from modelmark.domain.names import AliasName, ModelName
    from modelmark.domain.versions import Version
    from modelmark.usecases.deployed import Records
    from modelmark.usecases.ports import Workspace

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Unheard:
    """An alias that means something, and of which no environment ever said anything."""

    model: ModelName
    alias: AliasName
    declared: Version


@dataclass(frozen=True)
class Status:
    """What runs where.

    Attributes:
        unheard: aliases without a record, of the models asked about; no disagreement, as nobody may serve them.
        problems: records that cannot be used, a sentence each.
    """

    running: tuple[Running, ...]
    unheard: tuple[Unheard, ...]
    problems: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether something was heard of, and all of it is what is declared: a branch that is gone agrees with nothing."""
        return not self.problems and {one.standing for one in self.running} == {Standing.AGREES}


def status(
    workspace: Workspace, records: Records, model: ModelName | None, patience: timedelta = A_DAY
) -> Status:
    """Hold the newest records against the tags, which are fetched for it: old ones would accuse the wrong side.

    Args:
        workspace: the registry.
        records: where records are.
        model: one model; None = all that have records.
        patience: how long a change may take to arrive.

    Raises:
        NotFound: there is no such model, and nobody speaks of it.
    """
    kept = records.newest(model)
    models = sorted({one.place.model for one in kept} | ({model} if model else set()))
    main = state.fetched_main(workspace, [glob for one in models for glob in state.tag_patterns(one)])
    histories = {one: state.history_of(workspace, main, one) for one in models}
    if model is not None and not kept and not histories[model].versions:
        raise NotFound(f"there is no model {model}, and no environment speaks of one", "see `modelmark list`")
    now = workspace.now()
    heard = sorted(kept, key=lambda one: one.place)
    places = {(one.place.model, one.place.alias) for one in kept}
    return Status(
        tuple(
            judge(one.deployment, histories[one.place.model], now, patience)
            for one in heard
            if one.deployment
        ),
        tuple(
            Unheard(one, alias, version)
            for one in models
            for alias, version in sorted(histories[one].holders().items())
            if (one, alias) not in places
        ),
        tuple(
            f"the record {one.place.path(one.number)} cannot be used: {one.problem}"
            for one in heard
            if not one.deployment
        ),
    )
