"""Generated product reviews: what is in a review, and which of them are hard, is decided here.

A review has a label (0 negative, 1 positive) and a few sentences. Most sentences follow the label, some are
neutral, and a long review may concede one point to the other side. Some opinions are negated ("not really
good"). Letters get swapped now and then, and a few reviewers click the wrong number of stars, so no model
can reach an accuracy of 100%.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from random import Random

from examples.sentiment import lexicon

NEGATED_SHARE = 0.35  # of the reviews
LONG_SHARE = 0.5
OWN_WORDS_SHARE = 0.7  # of the adjectives: words of the domain, not general ones
TYPO_RATE = 0.03  # of the words
WRONG_STARS_RATE = 0.02  # of the reviews

NEGATIONS = (
    "the {aspect} was not {word}",
    "the {aspect} is not {degree} {word}",
    "i did not find the {aspect} {word}",
    "i would never call the {aspect} {word}",
    "the {aspect} isn't {degree} {word} at all",
    "nothing about the {item} is {word}",
    "i don't {verb} the {aspect}",
    "i can't {verb} this {item}",
)
OPINIONS = (
    "the {aspect} was {word}",
    "the {aspect} is {degree} {word}",
    "what a {word} {item}",
    "{word} {aspect} and {word2} {aspect2}",
    "i found the {aspect} {degree} {word}",
    "i {verb} this {item}",
)


@dataclass(frozen=True)
class Review:
    """One review; `domain`, `negation` and `length` are the slices that metrics are reported for."""

    text: str
    label: int
    domain: str
    negation: str
    length: str


def make_reviews(counts: Mapping[str, int], seed: int) -> list[Review]:
    """Return `counts[domain]` reviews of each domain, shuffled; the same arguments give the same reviews."""
    rng = Random(seed)
    reviews = [_review(rng, domain) for domain, count in counts.items() for _ in range(count)]
    rng.shuffle(reviews)
    return reviews


def fingerprint(reviews: Iterable[Review]) -> str:
    """Return `sha256:<hex>` of the reviews as JSON lines."""
    digest = hashlib.sha256()
    for review in reviews:
        digest.update(json.dumps(asdict(review), sort_keys=True).encode() + b"\n")
    return f"sha256:{digest.hexdigest()}"


def _review(rng: Random, domain: str) -> Review:
    positive = rng.random() < 0.5
    negated = rng.random() < NEGATED_SHARE
    is_long = rng.random() < LONG_SHARE
    kinds = ["negation"] if negated else ["opinion"]
    if is_long:
        kinds += ["opinion", "neutral", rng.choice(["opinion", "negation" if negated else "clause"])]
        kinds += rng.choice([["concession"], ["clause"], []])
    elif rng.random() < 0.5:
        kinds += [rng.choice(["neutral", "clause"])]
    rng.shuffle(kinds)
    sentences = [_sentence(rng, domain, kind, positive) for kind in kinds]
    text = " ".join(_with_typos(rng, sentence) + rng.choice([".", ".", ".", "!"]) for sentence in sentences)
    label = int(positive) if rng.random() >= WRONG_STARS_RATE else int(not positive)
    return Review(text, label, domain, "yes" if negated else "no", "long" if is_long else "short")


def _sentence(rng: Random, domain: str, kind: str, positive: bool) -> str:
    words = lexicon.DOMAINS[domain]
    if kind == "neutral":
        return _fill(rng, rng.choice(lexicon.NEUTRAL), domain, positive)
    if kind == "clause":
        return _fill(rng, rng.choice(words.good_clauses if positive else words.bad_clauses), domain, positive)
    if kind == "negation":
        return _fill(rng, rng.choice(NEGATIONS), domain, not positive)
    if kind == "concession":
        return "although " + _fill(rng, rng.choice(OPINIONS), domain, not positive)
    return _fill(rng, rng.choice(OPINIONS), domain, positive)


def _fill(rng: Random, template: str, domain: str, positive: bool) -> str:
    words = lexicon.DOMAINS[domain]
    own, general = (words.good, lexicon.GOOD) if positive else (words.bad, lexicon.BAD)
    adjectives = [rng.choice(own if rng.random() < OWN_WORDS_SHARE else general) for _ in range(2)]
    return template.format(
        aspect=rng.choice(words.aspects),
        aspect2=rng.choice(words.aspects),
        item=rng.choice(words.items),
        word=adjectives[0],
        word2=adjectives[1],
        degree=rng.choice(lexicon.DEGREES),
        verb=rng.choice(lexicon.LOVE if positive else lexicon.HATE),
        month=rng.choice(lexicon.MONTHS),
        person=rng.choice(lexicon.PEOPLE),
    )


def _with_typos(rng: Random, sentence: str) -> str:
    return " ".join(_swap(rng, word) if rng.random() < TYPO_RATE else word for word in sentence.split())


def _swap(rng: Random, word: str) -> str:
    """Swap two neighbouring letters."""
    if len(word) < 4:
        return word
    at = rng.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
