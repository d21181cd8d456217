"""The shapes of the small files of a model: aliases.yaml, artifacts.dvc, archived.yaml and incidents."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, RootModel, model_validator

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
    reads,
    refusal,
)
from modelmark.domain.aliases import Desired
from modelmark.domain.artifacts import DIRECTORY_MD5, Pointer
from modelmark.domain.names import AliasName
from modelmark.domain.records import Archived, Incident
from modelmark.domain.tags import check_reason


def _assignment(text: str) -> int:
    if not text.isascii() or not text.isdigit() or text.startswith("0") or len(text) > 9:
        raise refusal(f"must be the number of an assignment, 1 or more, not {text[:20]!r}")
    return int(text)


AssignmentNumber = Annotated[int, reads(_assignment)]
Reason = Annotated[str, reads(check_reason)]


class DesiredSchema(Section):
    """One entry of aliases.yaml."""

    version: VersionOrNone
    assignment: AssignmentNumber
    reason: Reason


class AliasesSchema(RootModel[dict[Alias, DesiredSchema]]):
    """aliases.yaml."""

    def to_value(self) -> dict[AliasName, Desired]:
        """The entries."""
        return {
            alias: Desired(entry.version, entry.assignment, entry.reason)
            for alias, entry in self.root.items()
        }


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
