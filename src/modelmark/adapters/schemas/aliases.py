"""The shape of aliases.yaml, which is read to say what an alias means: it imports no other file's."""

from __future__ import annotations

from typing import Annotated

from pydantic import RootModel

from modelmark.adapters.schemas.fields import Alias, Section, VersionOrNone, reads, refusal
from modelmark.domain.aliases import Desired
from modelmark.domain.names import AliasName
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
