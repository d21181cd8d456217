"""A version's signature is well formed, and its own examples keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.findings import Level
from modelmark.domain.instances import mistakes
from modelmark.domain.signature import parse_signature
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate, Subject
    from modelmark.domain.findings import Finding
    from modelmark.domain.json_values import Json
    from modelmark.domain.policy import Card
    from modelmark.domain.signature import Signature

RULE = "signature"


def check(candidate: Candidate) -> Iterator[Finding]:
    """Read the signature of each version whose gate asks for it, and try its examples."""
    for subject in candidate.asked(RULE):
        raw = subject.manifest.signature if subject.manifest else None
        if raw is None:
            card = candidate.cards.get(subject.model)
            required = _required(candidate, card) and not candidate.adds(subject)
            yield _absent(subject, card, required)
            continue
        try:
            found = parse_signature(raw)
        except InvalidInput as error:
            yield subject.finding(RULE, Level.ERROR, error.message, _mend(error.hint))
            continue
        wrong = list(_of_examples(subject, found))
        yield from wrong
        yield from _advice(subject, found)
        if not wrong:
            yield subject.finding(RULE, Level.NOTE, _summary(found))


def _required(candidate: Candidate, card: Card | None) -> bool:
    profile = card.profile if card is not None else None
    return profile is not None and "signature" in candidate.policy.profiles.get(profile, ())


def _absent(subject: Subject, card: Card | None, required: bool) -> Finding:
    who = f"{subject.model}@{subject.version}"
    if required and card is not None:
        return subject.finding(
            RULE,
            Level.ERROR,
            f"{who} has no signature, and the profile {card.profile} requires one: no client can know what to send",
            "write signature.json with version, inputs and outputs, and register again",
        )
    return subject.finding(RULE, Level.NOTE, f"{who} has no signature, so it promises nothing to its clients")


def _mend(hint: str) -> str:
    return (
        f"{hint}; mend signature.json and register again"
        if hint
        else "mend signature.json and register again"
    )


def _of_examples(subject: Subject, found: Signature) -> Iterator[Finding]:
    for number, example in enumerate(found.examples, 1):
        yield from _of_value(subject, found.inputs, example.request, f"the request of example {number}")
        if example.answered:
            yield from _of_value(
                subject, found.outputs, example.response, f"the response of example {number}"
            )


def _of_value(subject: Subject, schema: dict[str, Json], value: Json, which: str) -> Iterator[Finding]:
    for wrong in mistakes(schema, value):
        yield subject.finding(
            RULE,
            Level.ERROR,
            f"{which} is not what the signature says: {wrong}",
            "mend the example or the signature: who copies it gets an error",
        )


def _advice(subject: Subject, found: Signature) -> Iterator[Finding]:
    if found.inputs.get("additionalProperties", True) is not False:
        yield subject.finding(
            RULE,
            Level.WARNING,
            "inputs take any further field, so no input can be added later without breaking a client that sends one"
            " of that name already",
            "write `additionalProperties: false` in inputs",
        )


def _summary(found: Signature) -> str:
    inputs, outputs = (len(side.get("properties", {})) for side in (found.inputs, found.outputs))
    count = len(found.examples)
    tried = (
        f"{_some(count, 'example')} {'keeps' if count == 1 else 'keep'} it"
        if count
        else "it has no examples to try"
    )
    return f"signature {found.version}: {_some(inputs, 'input')}, {_some(outputs, 'output')}; {tried}"


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


CHECK = Check(
    RULE,
    "The signature is there where the profile requires it, is well formed, and its own examples keep it.",
    check,
    "the request of example 2 is not what the signature says: text is 5, and must be of type string",
    named=True,
)
