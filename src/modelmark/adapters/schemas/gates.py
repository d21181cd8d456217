"""The shapes of gates and their criteria, in registry.yaml and model.yaml."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, model_validator

from modelmark.adapters.schemas.fields import (
    Amount,
    Line,
    Number,
    Section,
    Text,
    one_of,
    refusal,
)
from modelmark.domain.policy import GATE_CHECKS, AnyOf, Criterion, Gate

_LIMITS = ("min", "max", "max_drop", "max_rise")


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
        return Gate(criteria_of(self.criteria), self.checks, self.max_age_days)


class RegistrationSchema(Section):
    """What every new version must show."""

    criteria: tuple[CriterionSchema, ...] = ()
    checks: tuple[CheckName, ...] = ()


def criteria_of(rules: Iterable[CriterionSchema]) -> tuple[Criterion | AnyOf, ...]:
    """The values of criteria."""
    return tuple(rule.to_value() for rule in rules)
