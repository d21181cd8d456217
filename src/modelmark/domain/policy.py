"""The rules of a registry, as registry.yaml states them (DESIGN.md, section 5)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from modelmark.domain.names import AliasName, ModelName


# The checks that a gate may name; `registration` is the gate of every new version.
GATE_CHECKS = (
    "signature",
    "signature-compatible",
    "tokenizer",
    "labels",
    "environment",
    "scan",
    "lineage",
    "freshness",
    "dependencies",
    "licenses",
    "bundled-tests",
    "contract",
)
REGISTRATION = "registration"


class Stage(StrEnum):
    """How far a version has come; ordered from the first to the last."""

    EXPERIMENT = "experiment"
    STAGING = "staging"
    PRODUCTION = "production"
    ARCHIVED = "archived"


class Way(StrEnum):
    """How an alias may be moved: by a reviewed change, or at once by whoever may push a tag."""

    PULL_REQUEST = "pull-request"
    DIRECT = "direct"


@dataclass(frozen=True)
class Criterion:
    """One limit on one metric. A missing metric fails it.

    Attributes:
        min: the least value that passes; None = no limit. `max`, `max_drop`, `max_rise` alike.
        over: `overall` takes records without a slice, `worst-slice` the worst of those with one.
        against: `current` compares with what the alias holds now (`max_drop`, `max_rise`).
        bound: `lower` or `upper` judges that end of the 95% interval instead of the value.
        where: conditions that the record must have, such as `device: cpu`.
    """

    metric: str
    min: float | None = None
    max: float | None = None
    over: str = "overall"
    against: str | None = None
    max_drop: float | None = None
    max_rise: float | None = None
    bound: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AnyOf:
    """Passes where at least one of its criteria passes."""

    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Gate:
    """What a version must show before an alias with this gate may mean it.

    Attributes:
        checks: names of the checks that run besides those that always do.
        max_age_days: how old the newest evaluation may be, for the check `freshness`.
    """

    criteria: tuple[Criterion | AnyOf, ...] = ()
    checks: tuple[str, ...] = ()
    max_age_days: float | None = None


@dataclass(frozen=True)
class AliasRule:
    """How one alias behaves.

    Attributes:
        stage: the stage of a version that holds it.
        gate: name of the gate, or None.
        after: aliases that the version must have held before.
        soak_hours: for how long, counted between the merges.
        approvals: how many owners must approve; counted by the forge.
        previous_as: alias that takes over the version which this one leaves.
        rollback: whether a rollback may be a tag at once (`direct`) or needs a reviewed change.
    """

    stage: Stage = Stage.EXPERIMENT
    gate: str | None = None
    after: tuple[AliasName, ...] = ()
    soak_hours: float = 0
    approvals: int = 0
    previous_as: AliasName | None = None
    rollback: Way = Way.PULL_REQUEST


@dataclass(frozen=True)
class Remote:
    """A DVC remote that the registry may use."""

    name: str
    url: str


@dataclass(frozen=True)
class Policy:
    """The whole of registry.yaml.

    Attributes:
        registration: the gate of every new version.
        licenses: SPDX identifiers of the licences that requirements may have.
        owners: who reviews changes of the rules, and of models whose card names nobody.
    """

    registry_id: str
    name: str
    default_branch: str
    promotion: Way
    remotes: tuple[Remote, ...]
    aliases: Mapping[AliasName, AliasRule]
    gates: Mapping[str, Gate]
    profiles: Mapping[str, tuple[str, ...]]
    registration: Gate = Gate()
    licenses: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    def gate_of(self, alias: AliasName) -> str | None:
        """Name of the gate of an alias; None where it has none."""
        rule = self.aliases.get(alias)
        return rule.gate if rule else None

    def gates_lost_in(self, new: Policy) -> tuple[str, ...]:
        """Gates that the new policy has no longer, or that judge no alias any more."""
        before = {rule.gate for rule in self.aliases.values()}
        after = {rule.gate for rule in new.aliases.values()}
        return tuple(one for one in self.gates if one not in new.gates or one in before - after)

    def previous_aliases(self) -> frozenset[AliasName]:
        """Aliases that only ever take over what another one leaves."""
        return frozenset(rule.previous_as for rule in self.aliases.values() if rule.previous_as)


@dataclass(frozen=True)
class Waiver:
    """A reviewed excuse for one finding.

    Attributes:
        check: the rule whose finding it excuses.
        about: what the finding is about, as the finding says it: a file's SHA-256, a requirement, an advisory's id.
        owner: who answers for it.
        expires: the last day on which it counts.
    """

    check: str
    about: str
    reason: str
    owner: str
    expires: date


@dataclass(frozen=True)
class Card:
    """A model's `model.yaml`: what it is for, who owns it, and what it asks for on top of the policy.

    Attributes:
        criteria: further criteria by gate.
        checks: further checks by gate.
        lines: where parts of it stand, for findings: `criteria.production`, `checks.production`, `waivers.0`.
    """

    model: ModelName
    description: str = ""
    owners: tuple[str, ...] = ()
    profile: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    criteria: Mapping[str, tuple[Criterion | AnyOf, ...]] = field(default_factory=dict)
    checks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)


def with_card(gate: Gate, name: str, card: Card | None) -> Gate:
    """A gate with what a model's card adds to it; a card can take nothing away."""
    if card is None:
        return gate
    more = (one for one in card.checks.get(name, ()) if one not in gate.checks)
    return replace(
        gate,
        criteria=(*gate.criteria, *card.criteria.get(name, ())),
        checks=(*gate.checks, *more),
    )
