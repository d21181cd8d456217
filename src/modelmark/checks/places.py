"""Only the files of a registry may stand under `models/`, and only as regular files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.layout import Kind
from modelmark.domain.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate

RULE = "places"
_REGULAR = ("100644", "100755")


def check(candidate: Candidate) -> Iterator[Finding]:
    """Refuse stray paths, symbolic links and submodules."""
    for change in candidate.files:
        if change.status == "D":
            continue
        if change.place.kind is Kind.STRAY:
            yield Finding(
                RULE,
                Level.ERROR,
                f"{shown(change.path)} may not stand there: {change.place.problem}",
                change.path,
                hint="see `modelmark register --help` for how a version is made"
                if change.place.version
                else "take it out of the change, or give it a name that may stand there",
            )
        if change.mode not in _REGULAR:
            kind = {"120000": "a symbolic link", "160000": "a submodule"}.get(
                change.mode, f"of mode {change.mode}"
            )
            yield Finding(
                RULE,
                Level.ERROR,
                f"{shown(change.path)} is {kind}; a registry has regular files only",
                change.path,
                hint="put a copy of the file there, or take it out of the change",
            )


CHECK = Check(
    RULE,
    "Only the files of a registry may stand under `models/`, and only as regular files.",
    check,
    "models/nlp-sentiment/notes.txt: no file of that name belongs to a model",
)
