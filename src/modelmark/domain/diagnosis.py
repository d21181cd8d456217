"""What a look at a whole registry came to: one probe after the other, each with what is off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.findings import Level

if TYPE_CHECKING:
    from modelmark.domain.findings import Finding


@dataclass(frozen=True)
class Probed:
    """What one probe came to.

    Attributes:
        about: what holds where nothing is off, in a sentence.
        findings: what is off, each with its mend.
        waits_for: the probe that must hold before this one can be asked; empty = it was asked.
    """

    name: str
    about: str
    findings: tuple[Finding, ...] = ()
    waits_for: str = ""

    @property
    def level(self) -> Level | None:
        """The gravest finding; None where nothing is off."""
        levels = {one.level for one in self.findings}
        return next((level for level in Level if level in levels), None)

    @property
    def failed(self) -> bool:
        """Whether what it is about does not hold, or is not known to."""
        return self.level is Level.ERROR or bool(self.waits_for)


@dataclass(frozen=True)
class Diagnosis:
    """All probes, in the order in which they were asked."""

    probes: tuple[Probed, ...]

    @property
    def healthy(self) -> bool:
        """Whether no probe found an error."""
        return not any(one.level is Level.ERROR for one in self.probes)

    def count(self, level: Level) -> int:
        """How many findings there are of a level."""
        return sum(found.level is level for one in self.probes for found in one.findings)
