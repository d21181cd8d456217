"""Findings as workflow commands of GitHub Actions, which shows them beside the lines of the change.

A command is a line `::error file=…,line=…::message`. A message keeps everything but line ends and `%`; a property also loses
`:` and `,`, so no text can begin another property or another command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.findings import Level
from modelmark.render.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.evidence import Evidence
    from modelmark.domain.findings import Finding

# GitHub shows ten errors and ten warnings of a step, and a note is no reason to stop a reviewer.
_MOST = 10
_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def workflow_commands(evidence: Evidence) -> str:
    """The worst findings as commands, a line each; then, in a line of its own, how many more there are."""
    return "\n".join(_lines(evidence))


def _lines(evidence: Evidence) -> Iterator[str]:
    for level, command in _COMMANDS.items():
        found = [one for one in evidence.verdict.findings if one.level is level]
        for one in found[:_MOST]:
            yield _command(command, one)
        if len(found) > _MOST:
            yield f"{len(found) - _MOST:,} more findings of level {level} are on the summary page"
    if not evidence.verdict.passed and not evidence.verdict.findings:
        yield "::error title=modelmark::no rule ran, so nothing passed"


def _command(command: str, found: Finding) -> str:
    properties = {"title": f"modelmark {found.rule}"}
    if found.path:
        properties = {"file": found.path, **properties}
    if found.path and found.line:
        properties["line"] = str(found.line)
    listed = ",".join(f"{key}={clean(value).translate(_PROPERTY)}" for key, value in properties.items())
    hint = f" → {found.hint}" if found.hint else ""
    return f"::{command} {listed}::{clean(f'{found.message}{hint}', 1000).translate(_DATA)}"
