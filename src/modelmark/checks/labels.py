"""Labels mean the same wherever a version names them, and fit the layer that they are the names of."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from modelmark.domain.checks import Check
from modelmark.domain.findings import Level
from modelmark.domain.formats import Formats
from modelmark.domain.inspection import Reach
from modelmark.domain.labels import (
    Labels,
    LabelSource,
    Layer,
    disagreement,
    doubts_of,
    fits,
    output_layers,
    problems_of,
)
from modelmark.domain.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modelmark.domain.change import Candidate, Subject
    from modelmark.domain.findings import Finding

RULE = "labels"
_WRONG = "with it the model answers with wrong names"
_MEND = "write all label maps from one list, in the order of the training, and register again"


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each version whose gate names this check."""
    for subject in candidate.asked(RULE):
        facts = subject.inspection.of(Labels)
        for path, why in facts.broken:
            yield subject.finding(
                RULE,
                Level.ERROR,
                f"{why}; its labels were not checked",
                f"correct it, or waive this file: about: {json.dumps(subject.about(path))}",
                subject.about(path),
            )
        yield from _alone(subject, facts)
        yield from _together(subject, facts)
        if facts.sources or facts.counts:
            yield from _layers(subject, facts)
        elif not facts.broken:
            yield from _nothing(candidate, subject)


def _nothing(candidate: Candidate, subject: Subject) -> Iterator[Finding]:
    card = candidate.cards.get(subject.model)
    required = card is not None and RULE in candidate.policy.profiles.get(card.profile or "", ())
    if card and required and not candidate.adds(subject):
        message = f"the profile {card.profile} requires labels, and no file names any"
        yield subject.finding(RULE, Level.ERROR, message, "add labels.json and register again")
    else:
        yield subject.finding(RULE, Level.NOTE, "no labels, nothing to check")


def _alone(subject: Subject, facts: Labels) -> Iterator[Finding]:
    for source in facts.sources:
        for words in problems_of(source):
            about = subject.about(source.path)
            yield subject.finding(RULE, Level.ERROR, f"{source.name} {words}; {_WRONG}", _MEND, about)
        for words in doubts_of(source):
            yield subject.finding(RULE, Level.WARNING, f"{source.name} {words}", _MEND)


def _together(subject: Subject, facts: Labels) -> Iterator[Finding]:
    """Sources of one folder speak of one model; those of two folders may be of two."""
    firsts = _firsts(facts)
    for source in facts.sources:
        first = firsts[_folder(source.path)]
        words = disagreement(first, source)
        if words:
            about = subject.about(source.path)
            yield subject.finding(RULE, Level.ERROR, f"{words}; one of them is wrong", _MEND, about)
    roots = list(firsts.values())
    for other in roots[1:]:
        words = disagreement(roots[0], other)
        if words:
            yield subject.finding(
                RULE, Level.WARNING, f"{words}, in another folder", "check that this is meant"
            )
    for path, count in facts.counts:
        said = firsts.get(_folder(path)) or next(iter(roots), None)
        if said is not None and said.count != count:
            yield subject.finding(
                RULE,
                Level.ERROR,
                f"num_labels in {path} is {count}, and {said.name} names {said.count}",
                _MEND,
                subject.about(path),
            )


def _layers(subject: Subject, facts: Labels) -> Iterator[Finding]:
    firsts = _firsts(facts)
    compared = []
    layers: dict[str, dict[str, list[Layer]]] = {}
    for layer in output_layers(subject.inspection.of(Formats)):
        layers.setdefault(layer.path, {}).setdefault(layer.name, []).append(layer)
    for path, named in layers.items():
        name, count = _count_for(path, firsts, facts)
        fitting = [one for one, parts in named.items() if all(fits(part, count) for part in parts)]
        if fitting:
            compared.append(f"{shown(fitting[0])} in {path}")
        elif len(named) == 1 and next(iter(named.values()))[0].sure:
            only, parts = next(iter(named.items()))
            shapes = ", ".join(" x ".join(map(str, part.widths)) for part in parts)
            yield subject.finding(
                RULE,
                Level.ERROR,
                f"{name} gives {count} labels, and the layer {shown(only)} in {path} has the shape {shapes}",
                "these labels are of another training than these weights; add the ones that belong together",
                subject.about(path),
            )
        else:
            words = f"it is not certain which layer in {path} {name} belongs to, and none found has {count} outputs"
            yield subject.finding(RULE, Level.NOTE, words)
    places = len(facts.sources) + len(facts.counts)
    fit = f"fit {', '.join(compared)}" if compared else "no output layer was found to compare them with"
    yield subject.finding(RULE, Level.NOTE, f"labels are named at {places} place{'s' * (places != 1)}; {fit}")


def _count_for(path: str, firsts: Mapping[str, LabelSource], facts: Labels) -> tuple[str, int]:
    """Which place says how many labels a file's output layer has: the nearest folder above it, else the first."""
    for folder in (str(parent) for parent in PurePosixPath(path).parents):
        if folder in firsts:
            return firsts[folder].name, firsts[folder].count
    for source in firsts.values():
        return source.name, source.count
    config, count = facts.counts[0]
    return f"num_labels in {config}", count


def _firsts(facts: Labels) -> dict[str, LabelSource]:
    firsts: dict[str, LabelSource] = {}
    for source in facts.sources:
        firsts.setdefault(_folder(source.path), source)
    return firsts


def _folder(path: str) -> str:
    return str(PurePosixPath(path).parent)


CHECK = Check(
    RULE,
    "Labels mean the same wherever a version names them, and fit the output layer's shape.",
    check,
    "id2label in config.json calls 0 'negative', and labels.json calls 0 'positive'; one of them is wrong",
    named=True,
    needs=(Labels, Formats),
    reach=Reach.READ,
    waivable=True,
)
