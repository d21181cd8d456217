"""What a check found, and the one bit that CI needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Level(StrEnum):
    """How much a finding weighs: an error refuses the change, the others only speak."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One result of one rule, with the file and line where a person can mend it (line 0 = the whole file).

    Attributes:
        about: what a waiver must name to excuse it, such as a file's SHA-256 or `numpy==1.26.0`; empty = no waiver can.
    """

    rule: str
    level: Level
    message: str
    path: str = ""
    line: int = 0
    hint: str = ""
    about: str = ""


@dataclass(frozen=True)
class Verdict:
    """All findings of the rules that ran. No rule ran = not passed."""

    rules: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """True where at least one rule ran and none found an error."""
        return bool(self.rules) and not any(finding.level is Level.ERROR for finding in self.findings)


def judge(rules: Iterable[str], findings: Iterable[Finding]) -> Verdict:
    """Put findings in the order in which people want them: errors first, then by file and line."""
    weight = {level: place for place, level in enumerate(Level)}
    ordered = sorted(findings, key=lambda found: (weight[found.level], found.path, found.line, found.rule))
    return Verdict(tuple(rules), tuple(ordered))


def errors_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The sentences of the errors, with their places."""
    return tuple(
        f"{found.path}{f':{found.line}' if found.line else ''}: {found.message}"
        if found.path
        else found.message
        for found in findings
        if found.level is Level.ERROR
    )
