"""The shape of a later measurement beside a version: evaluations/*.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import model_validator

from modelmark.adapters.schemas.fields import Line, Section, Statement, Time, one_of, refusal
from modelmark.adapters.schemas.manifest import MetricSchema
from modelmark.domain.evaluations import Evaluation, EvaluationKind


class EvaluationSchema(Section):
    """evaluations/*.yaml."""

    at: Time
    by: Line
    kind: Annotated[str, one_of(*EvaluationKind)]
    note: Statement | None = None
    data_version: Line | None = None
    metrics: tuple[MetricSchema, ...]

    @model_validator(mode="after")
    def _check_metrics(self) -> EvaluationSchema:
        if not self.metrics:
            raise refusal("must have at least one metric", "nothing was measured", at=("metrics",))
        return self

    def to_value(self) -> Evaluation:
        """The value."""
        metrics = tuple(one.to_value() for one in self.metrics)
        return Evaluation(
            self.at, self.by, EvaluationKind(self.kind), metrics, self.note or "", self.data_version
        )
