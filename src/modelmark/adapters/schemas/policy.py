"""The shapes of registry.yaml and model.yaml, and the rules by which a policy makes sense in itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, model_validator

from modelmark.adapters.schemas.fields import (
    Alias,
    Amount,
    Count,
    Day,
    Line,
    Number,
    Section,
    Slug,
    Statement,
    Text,
    matching,
    nearest,
    one_of,
    reads,
    refusal,
)
from modelmark.domain.names import AliasName, ModelName, shown
from modelmark.domain.policy import (
    GATE_CHECKS,
    REGISTRATION_CHECKS,
    AliasRule,
    AnyOf,
    Card,
    Criterion,
    Gate,
    Policy,
    Remote,
    Stage,
    Waiver,
    Way,
)

_LIMITS = ("min", "max", "max_drop", "max_rise")
_NO_BRANCH = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|@\{|^[-/.]|/\.|[/.]$|\.lock(/|$)")
_PASSWORD = re.compile(r"://[^/@]*:[^/@]*@")

WayText = Annotated[str, one_of(*Way)]


def _branch(text: str) -> str:
    if not text or _NO_BRANCH.search(text) or text == "@":
        raise refusal(f"must be the name of a branch, such as main, not {shown(text)}")
    return str(text)


def _url(text: str) -> str:
    if not text or not text.isprintable() or " " in text or text.startswith("-"):
        raise refusal(f"must be an address or a path without spaces, not {shown(text)}")
    if _PASSWORD.search(text):
        raise refusal("the address holds a password", "keep it in .dvc/config.local, which Git ignores")
    return str(text)


class RegistrySchema(Section):
    """Which registry this is."""

    id: Annotated[str, matching("[0-9a-z-]{1,64}", "1 to 64 lower-case letters, digits and hyphens")]
    name: Line
    default_branch: Annotated[str, reads(_branch)]


class RemoteSchema(Section):
    """A DVC remote."""

    name: Annotated[str, matching("[A-Za-z0-9_][A-Za-z0-9._-]{0,63}", "a name such as store")]
    url: Annotated[str, reads(_url)]


class StorageSchema(Section):
    """Where the bytes may be."""

    remotes: tuple[RemoteSchema, ...]

    @model_validator(mode="after")
    def _check(self) -> StorageSchema:
        names = [remote.name for remote in self.remotes]
        if not names:
            raise refusal("must name at least one remote", "add {name: store, url: …}", at=("remotes",))
        for index, name in enumerate(names):
            if name in names[:index]:
                raise refusal(f"there are two remotes {name}", "rename one of them", at=("remotes", index))
        return self


class AliasSchema(Section):
    """How one alias behaves."""

    stage: Annotated[str, one_of(*(stage for stage in Stage if stage is not Stage.ARCHIVED))] = (
        Stage.EXPERIMENT
    )
    gate: Slug | None = None
    after: tuple[Alias, ...] = ()
    soak_hours: Amount = 0
    approvals: Count = 0
    previous_as: Alias | None = None
    rollback: WayText = Way.PULL_REQUEST

    def to_value(self) -> AliasRule:
        """The value."""
        return AliasRule(
            Stage(self.stage),
            self.gate,
            self.after,
            self.soak_hours,
            self.approvals,
            self.previous_as,
            Way(self.rollback),
        )


class CriterionSchema(Section):
    """One limit on one metric, or `any` of several."""

    metric: Line | None = None
    min: Number | None = None
    max: Number | None = None
    over: Annotated[str, one_of("overall", "worst-slice")] = "overall"
    against: Annotated[str, one_of("current")] | None = None
    max_drop: Number | None = None
    max_rise: Number | None = None
    bound: Annotated[str, one_of("lower", "upper")] | None = None
    where: dict[Text, Text] = Field(default_factory=dict)
    any: tuple[CriterionSchema, ...] | None = None

    @model_validator(mode="after")
    def _check(self) -> CriterionSchema:
        if self.any is not None:
            self._check_any(self.any)
            return self
        if self.metric is None:
            raise refusal("the key 'metric' is missing", "say which metric: {metric: f1, min: 0.9}")
        if all(getattr(self, limit) is None for limit in _LIMITS):
            raise refusal(
                "the criterion has no limit", "add min, max, or against: current with max_drop or max_rise"
            )
        compares = self.max_drop is not None or self.max_rise is not None
        if compares and self.against is None:
            raise refusal("max_drop and max_rise compare with something", "add against: current")
        if self.against is not None and not compares:
            raise refusal("against: current needs a limit of the difference", "add max_drop or max_rise")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise refusal("min is greater than max, so nothing can pass", "swap them")
        return self

    def _check_any(self, options: tuple[CriterionSchema, ...]) -> None:
        others = self.model_fields_set - {"any"}
        if others:
            raise refusal(f"{min(others)} cannot stand beside any", "put it into each entry of any")
        if not options:
            raise refusal(
                "any: must have at least one entry, or nothing can pass", "add criteria", at=("any",)
            )
        for index, option in enumerate(options):
            if option.any is not None:
                raise refusal("any may not stand within any", "make one list of them", at=("any", index))

    def to_value(self) -> Criterion | AnyOf:
        """The value."""
        return self._single() if self.any is None else AnyOf(tuple(option._single() for option in self.any))

    def _single(self) -> Criterion:
        return Criterion(
            self.metric or "",
            self.min,
            self.max,
            self.over,
            self.against,
            self.max_drop,
            self.max_rise,
            self.bound,
            self.where,
        )


CheckName = Annotated[str, one_of(*GATE_CHECKS)]


class GateSchema(Section):
    """What a version must show."""

    criteria: tuple[CriterionSchema, ...] = ()
    checks: tuple[CheckName, ...] = ()
    max_age_days: Amount | None = None

    @model_validator(mode="after")
    def _check(self) -> GateSchema:
        if ("freshness" in self.checks) != (self.max_age_days is not None):
            raise refusal(
                "the check freshness and max_age_days belong together",
                "for example checks: [freshness] and max_age_days: 90",
            )
        return self

    def to_value(self) -> Gate:
        """The value."""
        return Gate(_criteria(self.criteria), self.checks, self.max_age_days)


class RegistrationSchema(Section):
    """What every new version must show."""

    criteria: tuple[CriterionSchema, ...] = ()
    checks: tuple[CheckName, ...] = REGISTRATION_CHECKS


class LicensesSchema(Section):
    """Which licences requirements may have."""

    allow: tuple[Line, ...]


class ProfileSchema(Section):
    """What a kind of model must bring."""

    requires: tuple[Slug, ...]


class PolicySchema(Section):
    """registry.yaml."""

    registry: RegistrySchema
    promotion: WayText = Way.PULL_REQUEST
    storage: StorageSchema
    aliases: dict[Alias, AliasSchema] = Field(default_factory=dict)
    gates: dict[Slug, GateSchema] = Field(default_factory=dict)
    profiles: dict[Slug, ProfileSchema] = Field(default_factory=dict)
    registration: RegistrationSchema = Field(default_factory=RegistrationSchema)
    licenses: LicensesSchema | None = None

    @model_validator(mode="after")
    def _check(self) -> PolicySchema:
        taken: dict[AliasName, AliasName] = {}
        for alias, rule in self.aliases.items():
            self._check_gate(alias, rule)
            self._check_after(alias, rule)
            previous = rule.previous_as
            if previous is None:
                continue
            if previous == alias or previous in taken:
                whose = "itself" if previous == alias else f"{previous}, which belongs to {taken[previous]}"
                raise refusal(
                    f"{alias} cannot leave its version to {whose}",
                    f"name an alias of its own, such as prev_{alias}",
                    at=("aliases", alias, "previous_as"),
                )
            taken[previous] = alias
        return self

    def _check_gate(self, alias: AliasName, rule: AliasSchema) -> None:
        if rule.gate is not None and rule.gate not in self.gates:
            raise refusal(
                f"there is no gate {rule.gate!r}",
                nearest(rule.gate, list(self.gates)) if self.gates else "add it under gates",
                at=("aliases", alias, "gate"),
            )

    def _check_after(self, alias: AliasName, rule: AliasSchema) -> None:
        for index, earlier in enumerate(rule.after):
            others = [name for name in self.aliases if name != alias]
            if earlier not in others:
                what = (
                    "an alias cannot come after itself"
                    if earlier == alias
                    else f"there is no alias {earlier!r}"
                )
                raise refusal(what, nearest(earlier, others), at=("aliases", alias, "after", index))
        if rule.soak_hours and not rule.after:
            raise refusal(
                "soak_hours counts the time in the aliases of after, and there are none",
                "add after, such as after: [canary]",
                at=("aliases", alias, "soak_hours"),
            )

    def to_value(self) -> Policy:
        """The value; an alias that only `previous_as` names has the default rule."""
        aliases = {alias: rule.to_value() for alias, rule in self.aliases.items()}
        for rule in list(aliases.values()):
            if rule.previous_as is not None:
                aliases.setdefault(rule.previous_as, AliasRule())
        return Policy(
            self.registry.id,
            self.registry.name,
            self.registry.default_branch,
            Way(self.promotion),
            tuple(Remote(remote.name, remote.url) for remote in self.storage.remotes),
            aliases,
            {name: gate.to_value() for name, gate in self.gates.items()},
            {name: profile.requires for name, profile in self.profiles.items()},
            Gate(_criteria(self.registration.criteria), self.registration.checks),
            self.licenses.allow if self.licenses else (),
        )


class WaiverSchema(Section):
    """A reviewed excuse for one finding."""

    check: CheckName
    about: Line
    reason: Statement
    owner: Line
    expires: Day

    def to_value(self) -> Waiver:
        """The value."""
        return Waiver(self.check, self.about, self.reason, self.owner, self.expires)


class CardSchema(Section):
    """model.yaml."""

    description: Text = ""
    owners: tuple[Line, ...] = ()
    profile: Slug | None = None
    tags: dict[Text, Text] = Field(default_factory=dict)
    criteria: dict[Slug, tuple[CriterionSchema, ...]] = Field(default_factory=dict)
    checks: dict[Slug, tuple[CheckName, ...]] = Field(default_factory=dict)
    waivers: tuple[WaiverSchema, ...] = ()

    def to_value(self, model: ModelName) -> Card:
        """The value."""
        criteria = {gate: _criteria(rules) for gate, rules in self.criteria.items()}
        waivers = tuple(waiver.to_value() for waiver in self.waivers)
        return Card(
            model, self.description, self.owners, self.profile, self.tags, criteria, self.checks, waivers
        )


def _criteria(rules: Iterable[CriterionSchema]) -> tuple[Criterion | AnyOf, ...]:
    return tuple(rule.to_value() for rule in rules)
