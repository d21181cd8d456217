"""A change of the rules is reviewed alone, and may not point the registry at another storage.

Rules are the policy, who reviews, what runs in CI, how Git treats files, and for a promotion the model's own card and the
figures that it is judged by. A
change that brings its own judge would be judged by it at the next step, whatever the gate thinks of it now.
"""

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
_BECOMES_TRUE = frozenset(
    {Kind.ALIASES, Kind.MANIFEST, Kind.POINTER, Kind.ARCHIVED, Kind.INCIDENT, Kind.EVALUATION}
)
_NOT_BESIDE = {Kind.POLICY: _BECOMES_TRUE | {Kind.CARD}, Kind.RULES: _BECOMES_TRUE}
_BEFORE_A_PROMOTION = {Kind.CARD: "the card", Kind.EVALUATION: "an evaluation"}
_WORDS = {Kind.POLICY: "the policy", Kind.RULES: "the rules of review and CI"}


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge changes of the rules: registry.yaml, .dvc/config, CODEOWNERS, workflows, the card of what is promoted."""
    kinds = {change.place.kind for change in candidate.files}
    for kind, others in _NOT_BESIDE.items():
        if kind in kinds and kinds & others:
            yield Finding(
                RULE,
                Level.ERROR,
                f"this change touches {_WORDS[kind]} and a model in one go",
                next(change.path for change in candidate.files if change.place.kind is kind),
                hint="make two changes: the rules first, then the model under them",
            )
    yield from _yardsticks(candidate)
    yield from _policy(candidate)


def _yardsticks(candidate: Candidate) -> Iterator[Finding]:
    """Criteria, waivers and later figures of a model change before it is promoted, never with it."""
    promoted = {change.place.model for change in candidate.files if change.place.kind is Kind.ALIASES}
    for change in candidate.files:
        kind, words = change.place.kind, _BEFORE_A_PROMOTION.get(change.place.kind)
        if words is not None and change.place.model in promoted:
            yield Finding(
                RULE,
                Level.ERROR,
                f"this change touches {words} of {change.place.model} and its aliases in one go",
                change.path,
                hint=f"make two changes: the {kind} first, then the promotion under it",
            )


def _policy(candidate: Candidate) -> Iterator[Finding]:
    changed = {change.path for change in candidate.files if change.place.kind is Kind.POLICY}
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
    "A change of the rules (policy, reviewers, workflows, a model's card) is reviewed alone, and may not point the registry at another storage.",
    check,
    "this change touches the policy and a model in one go",
)
