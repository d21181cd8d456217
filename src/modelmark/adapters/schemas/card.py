"""The shape of model.yaml: what a model is for, and what it asks for on top of the policy."""

from __future__ import annotations

from pydantic import Field

from modelmark.adapters.schemas.fields import (
    Day,
    Line,
    Owner,
    Section,
    Slug,
    Statement,
    Text,
)
from modelmark.adapters.schemas.gates import CheckName, CriterionSchema, criteria_of
from modelmark.domain.names import ModelName
from modelmark.domain.policy import Card, Waiver


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
        criteria = {gate: criteria_of(rules) for gate, rules in self.criteria.items()}
        waivers = tuple(waiver.to_value() for waiver in self.waivers)
        return Card(
            model, self.description, self.owners, self.profile, self.tags, criteria, self.checks, waivers
        )


class OwnedCardSchema(CardSchema):
    """model.yaml as a code owners file can use it: each owner is one that GitHub knows."""

    owners: tuple[Owner, ...] = ()
