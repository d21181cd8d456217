"""Clients of what an alias means now can go on as they are: what they send is taken, what they read is there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.compatibility import describe_difference
from modelmark.domain.findings import Level
from modelmark.domain.signature import parse_signature
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modelmark.domain.change import Candidate, Subject
    from modelmark.domain.compatibility import Change
    from modelmark.domain.findings import Finding
    from modelmark.domain.json_values import Json
    from modelmark.domain.manifest import Manifest

RULE = "signature-compatible"

_INSTEAD = (
    "keep the old promise beside the new one (the old field next to the new, optional instead of required), or give"
    " the model another name; where no client does this, waive it in model.yaml: "
)
_UNSURE = (
    "write it with properties, type, enum and limits, which can be compared; or waive it in model.yaml: "
)


def check(candidate: Candidate) -> Iterator[Finding]:
    """Compare each version whose gate asks for it with what its alias means now."""
    for subject in candidate.asked(RULE):
        new, current = subject.manifest, subject.current
        if new is None or current is None:
            yield subject.finding(RULE, Level.NOTE, "nothing to compare with: no version is there now")
        elif current.signature is None:
            yield subject.finding(
                RULE, Level.NOTE, f"nothing to compare with: {_name(current)} has no signature"
            )
        elif new.signature is None:
            yield subject.finding(
                RULE,
                Level.ERROR,
                f"{_name(new)} has no signature, and {_name(current)} has one: its clients are promised nothing now",
                "register the version again with a signature.json",
                about="signature: gone",
            )
        else:
            yield from _compared(subject, current, current.signature, new.signature)


def _name(manifest: Manifest) -> str:
    return f"{manifest.model}@{manifest.version}"


def _compared(
    subject: Subject, current: Manifest, old: Mapping[str, Json], new: Mapping[str, Json]
) -> Iterator[Finding]:
    try:
        changes = describe_difference(old, new)
    except InvalidInput as error:
        yield subject.finding(
            RULE,
            Level.ERROR,
            f"the signature cannot be compared with that of {_name(current)}: {error.message}",
            "a signature that cannot be read promises nothing: mend it and register again; where it is the old one,"
            ' waive this in model.yaml: about: "signature: unreadable"',
            about="signature: unreadable",
        )
        return
    for change in changes:
        yield _finding(subject, change)
    if changes and parse_signature(old).version == parse_signature(new).version:
        yield subject.finding(
            RULE,
            Level.WARNING,
            f"the signature changed and still calls itself {parse_signature(new).version}, as that of {_name(current)}",
            "raise the version in signature.json: the first number where clients break, else the second",
        )
    if not any(change.breaks for change in changes):
        words = f"breaks no client (differences: {len(changes)})"
        yield subject.finding(RULE, Level.NOTE, f"the signature, against that of {_name(current)}, {words}")


def _finding(subject: Subject, change: Change) -> Finding:
    if not change.breaks:
        level = Level.WARNING if change.kind == "default" else Level.NOTE
        hint = "tell the clients that leave it out" if change.kind == "default" else ""
        return subject.finding(RULE, level, f"{change.path}: {change.sentence}", hint)
    about = f"{change.path}: {change.kind}"
    hint = f"{_UNSURE if change.kind == 'unsure' else _INSTEAD}about: {json.dumps(about)}"
    return subject.finding(RULE, Level.ERROR, f"{change.path}: {change.sentence}", hint, about)


CHECK = Check(
    RULE,
    "What clients of the current version send is still taken, and what they read is still there.",
    check,
    "inputs.lang: a client that sends no lang is refused now: it became required",
    named=True,
    waivable=True,
)
