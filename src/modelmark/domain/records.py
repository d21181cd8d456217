"""Append-only records beside a model: incidents and archivings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from modelmark.domain.names import AliasName, ModelName
    from modelmark.domain.versions import Version


@dataclass(frozen=True)
class Incident:
    """Why an alias was rolled back; `number` is the assignment that did it."""

    model: ModelName
    alias: AliasName
    number: int
    from_version: Version | None
    to_version: Version | None
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Archived:
    """A version that may no longer be assigned."""

    reason: str
    by: str
    at: datetime
    replaced_by: Version | None = None
