"""A tokenizer loads, gives texts back as far as it promises to, and is the one that the configs and weights mean."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.findings import Level
from modelmark.domain.formats import Formats
from modelmark.domain.inspection import Reach
from modelmark.domain.tokenizers import (
    Loaded,
    RoundTrip,
    Tokenizer,
    Tokenizers,
    judge_claim,
    judge_example,
    judge_roles,
    judge_trip,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate, Subject
    from modelmark.domain.findings import Finding

RULE = "tokenizer"
_SHOWN = 5
# Tensors with a row for each token, as the libraries call them; tables of positions and segments have other names.
_EMBEDDING = re.compile(
    r"(.*\.)?(word_embeddings?|embed_tokens|token_embeddings?|tok_embeddings?|tokens_embed|embed_in|wte|shared|embeddings?)\.weight"
)


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each version whose gate names this check."""
    for subject in candidate.asked(RULE):
        facts = subject.inspection.of(Tokenizers)
        for path, why in facts.broken:
            yield subject.finding(
                RULE,
                Level.ERROR,
                f"{why}; what it says about the tokenizer was not checked",
                "write the file again with the library that made it, and register again",
                subject.about(path),
            )
        if not facts.found:
            yield from _nothing_loaded(candidate, subject, facts)
        for one in facts.found:
            yield from _tokenizer(subject, one, alone=len(facts.found) == 1)


def _nothing_loaded(candidate: Candidate, subject: Subject, facts: Tokenizers) -> Iterator[Finding]:
    for path in facts.foreign:
        yield subject.finding(
            RULE,
            Level.ERROR,
            f"{path} belongs to a tokenizer that cannot be loaded here, so nothing of it was checked",
            "add the tokenizer.json that save_pretrained of the fast tokenizer writes, or waive this file:"
            f" about: {json.dumps(subject.about(path))}",
            subject.about(path),
        )
    for path in facts.vocabularies:
        yield subject.finding(
            RULE,
            Level.WARNING,
            f"{path} says nothing of how a text is cut, so it was not checked",
            "add the tokenizer.json that save_pretrained of the fast tokenizer writes",
        )
    card = candidate.cards.get(subject.model)
    profile = candidate.policy.profiles.get(card.profile or "", ()) if card else ()
    if facts.foreign or facts.vocabularies:
        return
    if RULE in profile and not candidate.adds(subject):
        message = (
            f"the profile {card.profile if card else ''} requires a tokenizer, and there is no tokenizer.json"
        )
        yield subject.finding(RULE, Level.ERROR, message, "add tokenizer.json and register again")
    else:
        yield subject.finding(RULE, Level.NOTE, "no tokenizer, nothing to check")


def _tokenizer(subject: Subject, one: Tokenizer, *, alone: bool) -> Iterator[Finding]:
    if one.loaded is None:
        yield subject.finding(
            RULE,
            Level.ERROR,
            f"{one.path} cannot be loaded ({one.why}); nothing that needs it would start",
            "write it again with the library that trained it, and load it once before you register",
            subject.about(one.path),
        )
        return
    wrong = [
        *_own_problems(one.loaded),
        *_text_problems(one.loaded),
        *_config_problems(one, one.loaded),
        *(_embedding_problems(subject, one.loaded) if alone else ()),
    ]
    for message, hint in wrong:
        yield subject.finding(RULE, Level.ERROR, f"{one.path}: {message}", hint, subject.about(one.path))
    if not wrong:
        yield from _passed(subject, one, one.loaded)


def _own_problems(loaded: Loaded) -> Iterator[tuple[str, str]]:
    for first, second in loaded.shared:
        yield (
            f"{first!a:.40} and {second!a:.40} have the same id, so the model cannot tell them apart",
            "give every token an id of its own",
        )
    for token, used, own in loaded.strays:
        there = "which its vocabulary does not have" if own is None else f"which has the id {own} there"
        yield (
            f"it puts {token!a:.40} around texts with the id {used}, {there}; the model reads another token",
            "set post_processor and padding again after the vocabulary changed",
        )
    if loaded.dropout > 0:
        yield (
            f"its dropout is {loaded.dropout:g}, so the same text gets other tokens each time",
            "set model.dropout to null in tokenizer.json",
        )


def _text_problems(loaded: Loaded) -> Iterator[tuple[str, str]]:
    trips = [f"the text {trip.name} {words}" for trip in loaded.trips if (words := judge_trip(loaded, trip))]
    examples = [f"{one.name} {words}" for one in loaded.examples if (words := judge_example(one))]
    for messages, hint in (
        (trips, "decoder, normaliser, pre-tokenizer and vocabulary must be of the same tokenizer"),
        (examples, "the tokenizer is not the one that made the fixture; find out which of them is wrong"),
    ):
        yield from ((message, hint) for message in messages[:_SHOWN])
        if len(messages) > _SHOWN:
            yield f"the same is wrong with {len(messages) - _SHOWN} more texts", hint


def _config_problems(one: Tokenizer, loaded: Loaded) -> Iterator[tuple[str, str]]:
    hint = "save tokenizer and configs together, from the code that trained the model"
    for claim in one.claims:
        words = judge_claim(loaded, claim)
        if words:
            yield f"{claim.path}: {words}", hint
    for words in judge_roles(loaded, one.claims):
        yield words, hint
    for path, size in one.sizes:
        if size < loaded.top:
            yield (
                f"{path} says vocab_size {size}, and the largest id is {loaded.top - 1}; that token breaks the model",
                "resize the model's embeddings for the added tokens, and save the model again",
            )


def _embedding_problems(subject: Subject, loaded: Loaded) -> Iterator[tuple[str, str]]:
    for name, path, rows in _embeddings(subject):
        if rows < loaded.top:
            yield (
                f"{name} in {path} has {rows} rows, and the largest id is {loaded.top - 1}; that token breaks the model",
                "resize the model's embeddings for the added tokens, and save the model again",
            )


def _embeddings(subject: Subject) -> Iterator[tuple[str, str, int]]:
    for path, file in subject.inspection.of(Formats).files.items():
        for name, (_, shape) in file.tensors.items():
            if len(shape) == 2 and _EMBEDDING.fullmatch(name):
                yield ascii(name[:80]), path, shape[0]


def _passed(subject: Subject, one: Tokenizer, loaded: Loaded) -> Iterator[Finding]:
    unknown = [trip.name for trip in loaded.trips if trip.unknown or trip.missing]
    if loaded.trips and all(_learns_nothing(trip) for trip in loaded.trips):
        yield subject.finding(
            RULE,
            Level.WARNING,
            f"{one.path} knows nothing of all {len(loaded.trips)} texts, so they prove nothing",
            'add fixtures/tokenizer.json with texts of its own: [{"text": "…", "ids": […]}]',
        )
    how = "tried there and back" if loaded.decoder else "encoded (it has no decoder, so none comes back)"
    parts = [
        f"{one.path} loads, with {_count(loaded.top, 'id')}",
        f"{_count(len(loaded.trips), 'text')} {how}",
        f"{len(unknown)} of them with parts that it does not know" if unknown else "",
        f"{_count(len(loaded.examples), 'bundled example')} agree"
        if loaded.examples
        else "no bundled examples",
        f"{_count(len(one.claims), 'statement')} of configs agree" if one.claims else "",
    ]
    yield subject.finding(RULE, Level.NOTE, ", ".join(part for part in parts if part))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _learns_nothing(trip: RoundTrip) -> bool:
    return trip.unknown == len(trip.ids)


CHECK = Check(
    RULE,
    "A tokenizer loads, gives texts back as far as it promises to, and is the one that configs and weights mean.",
    check,
    "tokenizer.json: config.json says vocab_size 30522, and the largest id is 30523; that token breaks the model",
    named=True,
    needs=(Tokenizers, Formats),
    reach=Reach.READ,
    waivable=True,
)
