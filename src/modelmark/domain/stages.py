"""The stage of a version, derived and never stored."""

from __future__ import annotations

from collections.abc import Mapping

from modelmark.domain.history import ModelHistory
from modelmark.domain.names import AliasName
from modelmark.domain.policy import AliasRule, Stage
from modelmark.domain.versions import Version

_ORDER = tuple(Stage)


def stage_of(
    version: Version, history: ModelHistory, rules: Mapping[AliasName, AliasRule], *, archived: bool
) -> Stage:
    """How far a version has come.

    Archived where `archived.yaml` says so; else the furthest stage of the aliases it holds now; else `staging` for a
    version that held one beyond `experiment` once (it passed a gate, and is not live); else `experiment`.
    """
    if archived:
        return Stage.ARCHIVED
    now = [
        rules[alias].stage for alias, held in history.holders().items() if held == version and alias in rules
    ]
    if now:
        return max(now, key=_ORDER.index)
    ever = any(
        version in history.held(alias) for alias, rule in rules.items() if rule.stage is not Stage.EXPERIMENT
    )
    return Stage.STAGING if ever else Stage.EXPERIMENT
