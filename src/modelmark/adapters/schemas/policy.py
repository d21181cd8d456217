"""The shapes of registry.yaml and model.yaml, and the rules by which a policy makes sense in itself."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, model_validator

from modelmark.adapters.schemas.fields import (
    Alias,
    Amount,
    Count,
    Line,
    Owner,
    Section,
    Slug,
    matching,
    nearest,
    one_of,
    reads,
    refusal,
)
from modelmark.adapters.schemas.gates import GateSchema, RegistrationSchema, criteria_of
from modelmark.domain.names import AliasName, shown
from modelmark.domain.policy import (
    AliasRule,
    Gate,
    Policy,
    Remote,
    Stage,
    Way,
)

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
    owners: tuple[Owner, ...] = ()


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
            Gate(criteria_of(self.registration.criteria), self.registration.checks),
            self.licenses.allow if self.licenses else (),
            self.registry.owners,
        )
