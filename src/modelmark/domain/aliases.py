"""Desired aliases: what the reviewed `aliases.yaml` of a model asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.names import AliasName
    from modelmark.domain.versions import Version


@dataclass(frozen=True)
class Desired:
    """One entry: the alias should mean `version` (None = nothing) by its `number`-th assignment."""

    version: Version | None
    number: int
    reason: str


@dataclass(frozen=True)
class Aliases:
    """A whole `aliases.yaml`; `lines` says where each entry stands, for findings."""

    entries: Mapping[AliasName, Desired] = field(default_factory=dict)
    lines: Mapping[AliasName, int] = field(default_factory=dict, compare=False)

    def changed_since(self, before: Aliases) -> dict[AliasName, Desired]:
        """Entries that are new or differ."""
        return {alias: wish for alias, wish in self.entries.items() if before.entries.get(alias) != wish}

    def removed_since(self, before: Aliases) -> tuple[AliasName, ...]:
        """Entries that are gone."""
        return tuple(alias for alias in before.entries if alias not in self.entries)
