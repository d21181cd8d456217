"""How far a version has come, and for how long it stayed there: derived from the tags, never stored."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from modelmark.domain.policy import AliasRule, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from modelmark.domain.history import ModelHistory
    from modelmark.domain.names import AliasName
    from modelmark.domain.versions import Version

_ORDER = tuple(Stage)


def stage_of(
    version: Version, history: ModelHistory, rules: Mapping[AliasName, AliasRule], *, archived: bool
) -> Stage:
    """How far a version has come.

    Archived where `archived.yaml` says so; else the furthest stage of the aliases it holds now, if that is beyond
    `experiment`; else `staging` for a version that held such an alias once (it passed a gate, and is not live); else
    `experiment`.
    """
    if archived:
        return Stage.ARCHIVED
    now = [
        rules[alias].stage for alias, held in history.holders().items() if held == version and alias in rules
    ]
    furthest = max(now, key=_ORDER.index, default=Stage.EXPERIMENT)
    if (
        furthest is not Stage.EXPERIMENT
    ):  # an alias such as prev_prod says nothing of how far its version has come
        return furthest
    ever = any(
        version in history.held(alias) for alias, rule in rules.items() if rule.stage is not Stage.EXPERIMENT
    )
    return Stage.STAGING if ever else Stage.EXPERIMENT


def longest_hold(history: ModelHistory, alias: AliasName, version: Version, at: datetime) -> float | None:
    """For how many hours on end a version has held an alias at most, until `at`; None = never.

    The dates are those of the merges: `apply` gives each tag the date of the commit that decided it. The clocks of two
    who merge do not agree, so a hold may seem to begin after `at`; it is 0 then.
    """
    starts = [
        one
        for before, one in pairwise((None, *history.aliases.get(alias, ())))
        if one is not None and (before is None or before.version != one.version)
    ]
    ends = [*(one.at for one in starts[1:]), at]
    holds = [
        max(0.0, (min(end, at) - one.at).total_seconds() / 3600)
        for one, end in zip(starts, ends, strict=False)
        if one.version == version
    ]
    return max(holds, default=None)
