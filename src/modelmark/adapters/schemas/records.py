"""The shapes of the small files of a model: artifacts.dvc, archived.yaml and incidents."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from modelmark.adapters.schemas.aliases import AssignmentNumber
from modelmark.adapters.schemas.fields import (
    Alias,
    Count,
    Line,
    Model,
    OneVersion,
    Section,
    Statement,
    Time,
    VersionOrNone,
    matching,
    refusal,
)
from modelmark.domain.artifacts import DIRECTORY_MD5, Pointer
from modelmark.domain.records import Archived, Incident


class OutSchema(Section):
    """The one directory that artifacts.dvc points at."""

    md5: Annotated[str, matching(DIRECTORY_MD5.pattern, "32 hex digits and .dir")]
    size: Count
    nfiles: Count
    hash: Annotated[str, matching("md5", "md5, the hash that DVC 3 uses")]
    path: Annotated[str, matching("artifacts", "artifacts")]


class PointerSchema(Section):
    """artifacts.dvc, of the one form that cannot make DVC run, import or look elsewhere."""

    outs: tuple[OutSchema, ...]

    @model_validator(mode="after")
    def _check_outs(self) -> PointerSchema:
        if len(self.outs) != 1:
            raise refusal(
                "must have exactly one entry", "track the directory artifacts, and nothing else", at=("outs",)
            )
        return self

    def to_value(self) -> Pointer:
        """The value."""
        (out,) = self.outs
        return Pointer(out.md5, out.size, out.nfiles)


class ArchivedSchema(Section):
    """archived.yaml."""

    reason: Statement
    by: Line
    at: Time
    replaced_by: OneVersion | None = None

    def to_value(self) -> Archived:
        """The value."""
        return Archived(self.reason, self.by, self.at, self.replaced_by)


class IncidentSchema(Section):
    """incidents/*.yaml."""

    model: Model
    alias: Alias
    assignment: AssignmentNumber
    from_version: VersionOrNone = Field(alias="from")
    to_version: VersionOrNone = Field(alias="to")
    reason: Statement
    by: Line
    at: Time

    def to_value(self) -> Incident:
        """The value."""
        return Incident(
            self.model,
            self.alias,
            self.assignment,
            self.from_version,
            self.to_version,
            self.reason,
            self.by,
            self.at,
        )
