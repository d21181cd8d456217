"""A version reaches an alias in the order that the policy sets, and after the time it sets."""

from __future__ import annotations

from collections.abc import Iterator

from modelmark.domain import layout
from modelmark.domain.change import Candidate
from modelmark.domain.findings import Finding, Level
from modelmark.domain.plan import State, compare
from modelmark.domain.stages import longest_hold

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
                    f"{move.model}@{version} has held {first} for {held:.1f} hours, {move.alias} asks for {rule.soak_hours:g}",
                    path,
                    move.line,
                    f"run the check again in {rule.soak_hours - held:.1f} hours",
                )
        if rule.approvals:
            yield Finding(
                RULE,
                Level.NOTE,
                f"{move.alias} asks for {rule.approvals} approval{'s' * (rule.approvals > 1)}: whoever merges answers for them",
                path,
                move.line,
            )
