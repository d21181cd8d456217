"""What is on main stays as it is: versions and records are never changed, and nothing of a registry is deleted.

A version without a tag is not registered (its merge did not pass), so it may be taken away again, and only that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.layout import Kind, manifest_path, pointer_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate
    from modelmark.domain.commits import FileChange

RULE = "frozen"
_IMMUTABLE = {
    Kind.MANIFEST: "a registered manifest never changes; register a new version",
    Kind.POINTER: "a registered pointer never changes; register a new version",
    Kind.ARCHIVED: "an archiving is never taken back; register the bytes as a new version",
    Kind.INCIDENT: "an incident is never rewritten; add another record",
    Kind.EVALUATION: "an evaluation is never rewritten; measure again, and add the result",
}
_OF_A_VERSION = (Kind.MANIFEST, Kind.POINTER, Kind.EVALUATION)
_NEVER_DELETED = {*_IMMUTABLE, Kind.POLICY, Kind.CARD, Kind.ALIASES}


def check(candidate: Candidate) -> Iterator[Finding]:
    """Refuse changes of immutable files, and deletions."""
    for change in candidate.files:
        kind = change.place.kind
        if change.status == "A" or kind not in _NEVER_DELETED:
            continue
        if change.status == "D" and _is_unregistered(change, candidate):
            continue
        if change.status == "D":
            yield Finding(
                RULE,
                Level.ERROR,
                "this file is deleted, and a registry forgets nothing",
                change.path,
                hint=f"restore it: git checkout origin/{candidate.policy.default_branch} -- {change.path}{_instead(change)}",
            )
        elif kind in _IMMUTABLE:
            yield Finding(
                RULE,
                Level.ERROR,
                "this file is on main already and is changed",
                change.path,
                hint=_IMMUTABLE[kind],
            )


def _instead(change: FileChange) -> str:
    """What somebody may have wanted who deletes a version."""
    place = change.place
    wanted = f"modelmark archive {place.model}@{place.version} --reason …"
    return f"; to take the version out of use: {wanted}" if place.kind is Kind.MANIFEST else ""


def _is_unregistered(change: FileChange, candidate: Candidate) -> bool:
    """Whether the change takes a whole version away that has no tag."""
    place = change.place
    if place.kind not in _OF_A_VERSION or place.model is None or place.version is None:
        return False
    deleted = {other.path for other in candidate.files if other.status == "D"}
    whole = {manifest_path(place.model, place.version), pointer_path(place.model, place.version)}
    return whole <= deleted and place.version not in candidate.histories[place.model].versions


CHECK = Check(
    RULE,
    "What is on main stays as it is: versions and records are never changed, and nothing of a registry is deleted.",
    check,
    "models/nlp-sentiment/2/manifest.yaml is on main and never changes",
)
