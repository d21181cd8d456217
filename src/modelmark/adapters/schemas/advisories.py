"""The shape of advisories.yaml: which known vulnerabilities the owners of the registry looked up, and when."""

from __future__ import annotations

from typing import Annotated

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from modelmark.adapters.schemas.fields import Day, Line, Section, one_of, reads, refusal
from modelmark.domain.advisories import Advisories, Advisory
from modelmark.domain.names import shown
from modelmark.domain.requirements import normalised


def _affected(text: str) -> str:
    try:
        if not text.strip():
            raise InvalidSpecifier
        return str(SpecifierSet(text))
    except InvalidSpecifier:
        raise refusal(
            f"must say which versions, such as '<1.26.5' or '>=2,<2.0.7', not {shown(text)}"
        ) from None


class AdvisorySchema(Section):
    """One vulnerability of some versions of a package."""

    id: Line
    package: Line
    affected: Annotated[str, reads(_affected)]
    severity: Annotated[str, one_of("low", "medium", "high", "critical")]
    summary: Line

    def to_value(self) -> Advisory:
        """The value."""
        return Advisory(self.id, normalised(self.package), self.affected, self.severity, self.summary)


class AdvisoriesSchema(Section):
    """advisories.yaml."""

    checked_at: Day
    advisories: tuple[AdvisorySchema, ...] = ()

    def to_value(self) -> Advisories:
        """The value."""
        return Advisories(self.checked_at, tuple(one.to_value() for one in self.advisories))
