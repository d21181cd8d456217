"""A version reaches an alias in the order that the policy sets, and after the time it sets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.names import shown
from modelmark.domain.plan import State, compare
from modelmark.domain.policy import Way
from modelmark.domain.stages import longest_hold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate, Move

RULE = "flow"


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge `after` and `soak_hours` of each assignment that is still to be made."""
    for move in candidate.moves:
        history, rule = candidate.histories[move.model], candidate.policy.aliases.get(move.alias)
        version = move.wish.version
        if rule is None or version is None or compare(move.wish, history, move.alias) is not State.WAITS:
            continue
        path = layout.aliases_path(move.model)
        for first in rule.after:
            held = longest_hold(history, first, version, candidate.at)
            if held is None:
                yield Finding(
                    RULE,
                    Level.ERROR,
                    f"{move.model}@{version} has never held {first}, which comes before {move.alias}",
                    path,
                    move.line,
                    f"modelmark promote {move.model}@{version} --to {first} --reason …",
                )
            elif held < rule.soak_hours:
                yield Finding(
                    RULE,
                    Level.ERROR,
                    f"{move.model}@{version} has held {first} for {_down(held)} hours, {move.alias} asks for {rule.soak_hours:g}",
                    path,
                    move.line,
                    f"it counts on: run the check again in {_down(rule.soak_hours - held + 0.1)} hours"
                    if history.meaning(first) == version
                    else f"it left {first} too early: promote it to {first} again, and leave it there",
                )
        if rule.approvals:
            yield _approvals(move, rule.approvals, candidate)


def _approvals(move: Move, count: int, candidate: Candidate) -> Finding:
    """What is asked of the forge, and of whom: whoever asks for a promotion is never among those who approve it.

    Where a model names no owners, the registry's own it, as in the code owners file; one that nobody owns goes nowhere.
    """
    card, path = candidate.cards.get(move.model), layout.aliases_path(move.model)
    owners, of = (
        (card.owners, str(move.model)) if card and card.owners else (candidate.policy.owners, "the registry")
    )
    asks = f"{move.alias} asks for {count} approval{'s' * (count > 1)} by"
    if owners:
        who = f"owners of {of} ({', '.join(map(shown, owners))})"
        return Finding(RULE, Level.NOTE, f"{asks} {who} other than who asked", path, move.line)
    counted = candidate.policy.promotion is Way.PULL_REQUEST
    return Finding(
        RULE,
        Level.WARNING if counted else Level.NOTE,
        f"{asks} owners, and nobody owns {move.model}{': on GitHub nobody can approve it' * counted}",
        path,
        move.line,
        f"name owners in {layout.POLICY} or {layout.card_path(move.model)}, and run `modelmark codeowners`",
    )


def _down(hours: float) -> str:
    """Hours with one digit, rounded down: 23.99 hours must not read as the 24 that are asked for."""
    return f"{math.floor(hours * 10) / 10:.1f}"


CHECK = Check(
    RULE,
    "A version reaches an alias in the order that the policy sets, and after the time it sets.",
    check,
    "nlp-sentiment@3 has held canary for 3.2 hours, prod asks for 24",
)
