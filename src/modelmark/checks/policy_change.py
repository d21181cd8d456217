"""A change of the rules is reviewed alone, and may not point the registry at another storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.layout import DVC_CONFIG, POLICY, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate

RULE = "policy-change"
_HARMLESS = frozenset({"core.remote", "core.analytics", "core.autostage", "core.check_update"})
_OF_MODELS = frozenset({Kind.CARD, Kind.ALIASES, Kind.MANIFEST, Kind.POINTER, Kind.ARCHIVED, Kind.INCIDENT})


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge changes of registry.yaml and .dvc/config."""
    changed = {change.path: change for change in candidate.files if change.place.kind is Kind.POLICY}
    if not changed:
        return
    if any(change.place.kind in _OF_MODELS for change in candidate.files):
        yield Finding(
            RULE,
            Level.ERROR,
            "this change touches the policy and a model in one go",
            next(iter(changed)),
            hint="make two changes: the rules first, then the model under them",
        )
    new, old = candidate.new_policy, candidate.policy
    if POLICY in changed and new is not None and new.registry_id != old.registry_id:
        yield Finding(
            RULE,
            Level.ERROR,
            "the registry's id never changes: every tag carries it",
            POLICY,
            hint=f"restore registry.id: {old.registry_id}",
        )
    if DVC_CONFIG in changed:
        yield from _storage(candidate)


def _storage(candidate: Candidate) -> Iterator[Finding]:
    """Remotes and keys by allow-list: those that the base's registry.yaml names."""
    allowed = {remote.name: remote.url for remote in candidate.policy.remotes}
    for name, url in candidate.remotes.items():
        if allowed.get(name) != url:
            yield Finding(
                RULE,
                Level.ERROR,
                f"the DVC remote {name} is not one that registry.yaml on main allows",
                DVC_CONFIG,
                hint="add it to storage.remotes of registry.yaml first, in a change of its own",
            )
    for key in candidate.other_storage_keys:
        if key not in _HARMLESS:
            yield Finding(
                RULE,
                Level.ERROR,
                f"{key} may not be set for everybody",
                DVC_CONFIG,
                hint="keep it in .dvc/config.local",
            )


CHECK = Check(
    RULE,
    "A change of the rules is reviewed alone, and may not point the registry at another storage.",
    check,
    "this change touches the policy and a model in one go",
)
