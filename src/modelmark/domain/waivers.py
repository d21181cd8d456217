"""Reviewed excuses: what a waiver in model.yaml does to the finding that it names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from modelmark.domain.findings import Finding, Level
from modelmark.domain.layout import classify
from modelmark.domain.names import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date

    from modelmark.domain.names import ModelName
    from modelmark.domain.policy import Card


def excuse(
    findings: Iterable[Finding], cards: Mapping[ModelName, Card], waivable: Collection[str], today: date
) -> Iterator[Finding]:
    """Turn errors that a waiver names into warnings that quote it.

    Args:
        findings: what the checks found.
        cards: the cards that judge; a finding belongs to the model whose file it stands at.
        waivable: rules that a waiver may excuse.
        today: the day of the verdict; a waiver counts up to and including the day it expires.
    """
    for found in findings:
        yield _excused(found, cards, waivable, today)


def _excused(
    found: Finding, cards: Mapping[ModelName, Card], waivable: Collection[str], today: date
) -> Finding:
    model = classify(found.path).model
    card = cards.get(model) if model is not None else None
    if card is None or found.level is not Level.ERROR or found.rule not in waivable or not found.about:
        return found
    named = [one for one in card.waivers if (one.check, one.about) == (found.rule, found.about)]
    if not named:
        others = [one.about for one in card.waivers if one.check == found.rule]
        return replace(found, hint=f"{found.hint}{_miss(others, found.about)}") if others else found
    last = max(named, key=lambda one: one.expires)
    if last.expires < today:
        return replace(found, hint=f"its waiver expired on {last.expires}: {found.hint}".rstrip(": "))
    # The excuse first: where a page cuts a long sentence, its reader still sees who answers for what, and until when.
    words = f"waived until {last.expires} by {last.owner} ({last.reason}): {found.message}"
    return replace(found, level=Level.WARNING, message=words, hint="")


def _miss(others: list[str], about: str) -> str:
    """A waiver that names something else is a mistyped one, or one of the version before: nobody should have to guess."""
    more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
    return (
        f" (its waiver in model.yaml is about {shown(others[-1], 80)}{more}, which is not {shown(about, 80)})"
    )
