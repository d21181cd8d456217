"""A version is archived only while nobody relies on it: no alias holds it, and none is asked to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.layout import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate
    from modelmark.domain.commits import FileChange

RULE = "archiving"


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each `archived.yaml` that the change adds."""
    for change in candidate.files:
        if change.place.kind is Kind.ARCHIVED and change.status == "A":
            yield from _archiving(change, candidate)


def _archiving(change: FileChange, candidate: Candidate) -> Iterator[Finding]:
    model, version = change.place.model, change.place.version
    if model is None or version is None:
        return
    if version not in candidate.known_versions.get(model, ()):
        yield Finding(
            RULE,
            Level.ERROR,
            f"{model}@{version} is not on main, so it cannot be archived",
            change.path,
            hint="name a version that is on main, or take this file out of the change",
        )
    holders = {alias for alias, held in candidate.histories[model].holders().items() if held == version}
    holders |= {alias for alias, wish in candidate.after[model].entries.items() if wish.version == version}
    if holders:
        yield Finding(
            RULE,
            Level.ERROR,
            f"{model}@{version} is held by {', '.join(sorted(holders))}",
            change.path,
            hint="promote another version first, or set `version: none` in aliases.yaml by a reviewed change",
        )


CHECK = Check(
    RULE,
    "A version is archived only while nobody relies on it: no alias holds it, and none is asked to.",
    check,
    "nlp-sentiment@2 is held by prod, so it cannot be archived",
)
