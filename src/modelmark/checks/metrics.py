"""The measured numbers of a version meet every criterion of the alias's gate, the policy's and the model's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.criteria import judge_criterion
from modelmark.domain.findings import Finding, Level
from modelmark.domain.plan import State, compare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate, Move
    from modelmark.domain.policy import AnyOf, Criterion

RULE = "metrics"


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each assignment that is still to be made; what passed is a note with its figures."""
    for move in candidate.moves:
        history = candidate.histories[move.model]
        if move.wish.version is None or compare(move.wish, history, move.alias) is not State.WAITS:
            continue
        criteria = _criteria(candidate, move)
        if criteria is None:
            continue
        gate, rules = criteria
        if move.candidate is None:
            yield _finding(
                move, Level.ERROR, f"{move.model}@{move.wish.version} has no readable manifest to judge"
            )
            continue
        if not rules:
            yield _finding(
                move,
                Level.ERROR,
                f"the gate {gate} has no criterion, so nothing was judged and nothing passes",
            )
        current = None if move.current is None else move.current.metrics
        for rule in rules:
            outcome = judge_criterion(rule, move.candidate.metrics, current)
            level = Level.NOTE if outcome.passed else Level.ERROR
            yield _finding(
                move, level, f"{outcome.sentence} ({'passes' if outcome.passed else 'fails'} {gate})"
            )


def _criteria(candidate: Candidate, move: Move) -> tuple[str, tuple[Criterion | AnyOf, ...]] | None:
    rule = candidate.policy.aliases.get(move.alias)
    if rule is None or rule.gate is None:
        return None
    card = candidate.cards.get(move.model)
    own = card.criteria.get(rule.gate, ()) if card else ()
    return rule.gate, (*candidate.policy.gates[rule.gate].criteria, *own)


def _finding(move: Move, level: Level, message: str) -> Finding:
    """A finding at the entry that asks: the manifest is on main already, and not what this change can mend."""
    return Finding(RULE, level, message, layout.aliases_path(move.model), move.line)
