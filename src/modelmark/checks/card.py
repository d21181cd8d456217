"""What a model's card adds, it adds to a gate that is there, and what it excuses can be excused.

A card adds to gates by their names. A name that is mistyped, or that registry.yaml has lost, asks for nothing, and nobody
would see it: the model would be judged by less than its card says.
"""

from __future__ import annotations

import difflib
from collections import Counter
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.names import shown
from modelmark.domain.policy import REGISTRATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate
    from modelmark.domain.policy import Card, Policy

RULE = "card"
_SHOWN = 10
# What these find is excused by no waiver; a test holds it against the checks themselves.
NEVER_WAIVED = frozenset({"signature", "freshness", "bundled-tests", "contract"})


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each card that the change adds or changes, and those that a change of registry.yaml leaves behind."""
    for card in candidate.new_cards.values():
        yield from _gates(card, candidate.policy)
        yield from _waivers(card, candidate)
    yield from _left_behind(candidate)


def _gates(card: Card, policy: Policy) -> Iterator[Finding]:
    known = (REGISTRATION, *policy.gates)
    for part, gates in (("criteria", card.criteria), ("checks", card.checks)):
        for name in gates:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                yield Finding(
                    RULE,
                    Level.ERROR,
                    f"{part} for {name} judge nothing: registry.yaml on main has no gate of that name",
                    layout.card_path(card.model),
                    card.lines.get(f"{part}.{name}", 0),
                    f"did you mean {near[0]}?" if near else f"its gates are {', '.join(known)}",
                )


def _waivers(card: Card, candidate: Candidate) -> Iterator[Finding]:
    policy = candidate.policy
    asked = {one for gate in (policy.registration, *policy.gates.values()) for one in gate.checks}
    asked |= {one for checks in card.checks.values() for one in checks}
    seen: Counter[tuple[str, str]] = Counter()
    for index, one in enumerate(card.waivers):
        seen[one.check, one.about] += 1
        about = shown(one.about, 80)
        troubles = (
            (one.check in NEVER_WAIVED, f"what {one.check} finds is never excused", "take the waiver out"),
            (
                one.check not in asked,
                f"no gate asks for {one.check}, so its waiver excuses nothing",
                "take the waiver out, or add the check to a gate first",
            ),
            (
                seen[one.check, one.about] > 1,
                f"{one.check} has another waiver for {about}, and the one that expires last counts",
                "keep one of them",
            ),
            (
                one.expires < candidate.at.date(),
                f"the waiver of {one.check} for {about} expired on {one.expires}, so it excuses nothing",
                "take it out, or have it reviewed again with a later day",
            ),
        )
        for wrong, message, hint in troubles:
            if wrong:
                line = card.lines.get(f"waivers.{index}", 0)
                yield Finding(RULE, Level.WARNING, message, layout.card_path(card.model), line, hint)


def _left_behind(candidate: Candidate) -> Iterator[Finding]:
    """Cards that add to a gate which judges nothing once the change is merged."""
    new = candidate.new_policy
    for gate in candidate.policy.gates_lost_in(new) if new is not None else ():
        models = sorted(
            model for model, card in candidate.all_cards.items() if gate in (*card.criteria, *card.checks)
        )
        if models:
            more = f" and {len(models) - _SHOWN} more" if len(models) > _SHOWN else ""
            names = f"{', '.join(models[:_SHOWN])}{more}"
            yield Finding(
                RULE,
                Level.WARNING,
                f"the gate {gate} judges nothing any more, and with it goes what these cards add to it: {names}",
                layout.POLICY,
                hint="add the new gate beside the old one, change the cards, and take the old one out last",
            )


CHECK = Check(
    RULE,
    "A card adds to gates that registry.yaml has, its waivers excuse something, and no gate goes that a card adds to.",
    check,
    "criteria for prodution judge nothing: registry.yaml on main has no gate of that name",
)
