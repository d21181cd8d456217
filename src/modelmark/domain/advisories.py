"""Known vulnerabilities of packages: what a service answered, and what a reviewed file of the registry says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

# After so many days a reviewed file no longer stands in for the service: most weeks bring new advisories.
MAX_AGE_DAYS = 30


@dataclass(frozen=True)
class Advisory:
    """One vulnerability of some versions of a package.

    Attributes:
        package: its normalised name.
        affected: the versions, as PEP 440 specifiers: `<1.26.5`.
        severity: low, medium, high or critical.
    """

    id: str
    package: str
    affected: str
    severity: str
    summary: str


@dataclass(frozen=True)
class Advisories:
    """advisories.yaml: what the owners of the registry looked up, and on which day."""

    checked_at: date
    advisories: tuple[Advisory, ...] = ()

    def stands_on(self, today: date) -> bool:
        """Whether it is new enough to stand in for the service; its day may be a time zone ahead."""
        return -1 <= self.age(today) <= MAX_AGE_DAYS

    def age(self, today: date) -> int:
        """In days."""
        return (today - self.checked_at).days


@dataclass(frozen=True)
class Vulnerability:
    """One that affects a pinned requirement.

    Attributes:
        details: what it is, or which version mends it; may be empty.
    """

    package: str
    version: str
    id: str
    details: str = ""


@dataclass(frozen=True)
class Audit:
    """What a vulnerability service said of the pinned requirements.

    Attributes:
        asked: `name==version` of those that it knows.
        unknown: those that it does not know, and why: of these nothing is known.
    """

    asked: tuple[str, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    vulnerabilities: tuple[Vulnerability, ...] = ()


def affecting(advisories: Advisories, pins: Iterable[tuple[str, str]]) -> Iterator[Vulnerability]:
    """The advisories that affect a pinned version; one that cannot be compared counts as affected."""
    for name, version in pins:
        for one in advisories.advisories:
            if one.package == name and _affects(one.affected, version):
                yield Vulnerability(name, version, one.id, f"{one.severity}: {one.summary}")


def _affects(affected: str, version: str) -> bool:
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 - seldom needed
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415

    try:
        return SpecifierSet(affected).contains(Version(version), prereleases=True)
    except InvalidVersion:
        return True
