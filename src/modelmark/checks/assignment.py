"""An alias moves by exactly one reviewed step: the next number, a registered version, and its predecessor kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain import layout
from modelmark.domain.checks import Check
from modelmark.domain.findings import Finding, Level
from modelmark.domain.plan import State, compare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.change import Candidate, Move
    from modelmark.domain.history import ModelHistory

RULE = "assignment"


def check(candidate: Candidate) -> Iterator[Finding]:
    """Judge each entry of `aliases.yaml` that the change adds, alters or removes."""
    for model, alias in candidate.removed:
        yield _error(
            layout.aliases_path(model), 0, f"the entry of {alias} is removed", "set `version: none` instead"
        )
    for move in candidate.moves:
        history = candidate.histories[move.model]
        yield from _number(move, history)
        yield from _version(move, candidate, history)
        yield from _previous(move, candidate, history)


def _error(path: str, line: int, message: str, hint: str = "") -> Finding:
    return Finding(RULE, Level.ERROR, message, path, line, hint)


def _at(move: Move, message: str, hint: str = "") -> Finding:
    return _error(layout.aliases_path(move.model), move.line, message, hint)


def _number(move: Move, history: ModelHistory) -> Iterator[Finding]:
    state, observed = compare(move.wish, history, move.alias), history.observed(move.alias)
    if state is State.CONFLICT:
        means = history.meaning(move.alias)
        yield _at(
            move,
            f"assignment {move.wish.number} of {move.alias} exists and means {means or 'nothing'}, "
            f"not {move.wish.version or 'nothing'}",
            f"ask again with the next number: {_command(move, observed + 1)}",
        )
    elif state in (State.GAP, State.BEHIND):
        yield _at(
            move,
            f"the next assignment of {move.alias} is {observed + 1}, and this entry says {move.wish.number}",
            _command(move, observed + 1)
            if state is State.GAP
            else f"record what is live first: modelmark record {move.model} --alias {move.alias}",
        )


def _version(move: Move, candidate: Candidate, history: ModelHistory) -> Iterator[Finding]:
    if move.alias not in candidate.policy.aliases:
        known = ", ".join(candidate.policy.aliases)
        yield _at(move, f"registry.yaml has no alias {move.alias}", f"it has: {known}")
    version = move.wish.version
    if version is None:
        return
    if version not in candidate.known_versions.get(move.model, ()):
        yield _at(
            move,
            f"{move.model}@{version} is not on main",
            "merge its registration first, in a change of its own",
        )
    elif version not in history.versions:
        yield _at(move, f"{move.model}@{version} has no tag yet", "run `modelmark apply` on main first")
    if move.archived:
        yield _at(
            move, f"{move.model}@{version} is archived and may not be assigned", "promote another version"
        )


def _previous(move: Move, candidate: Candidate, history: ModelHistory) -> Iterator[Finding]:
    """The alias that keeps the version which this one leaves must take it over in the same change."""
    moving = {other.alias for other in candidate.moves if other.model == move.model}
    if move.alias in candidate.policy.previous_aliases():
        leaders = [
            alias for alias, rule in candidate.policy.aliases.items() if rule.previous_as == move.alias
        ]
        if compare(move.wish, history, move.alias) is State.WAITS and not moving & set(leaders):
            yield _at(
                move,
                f"{move.alias} only keeps what {' or '.join(leaders)} leaves, and is never moved alone",
                f"take the entry out, or move {' or '.join(leaders)}: it takes its predecessor along",
            )
        return
    rule = candidate.policy.aliases.get(move.alias)
    leaves = history.meaning(move.alias)
    if rule is None or rule.previous_as is None or leaves is None or leaves == move.wish.version:
        return
    if compare(move.wish, history, move.alias) is not State.WAITS:
        return
    keeper = candidate.after[move.model].entries.get(rule.previous_as)
    kept = history.meaning(rule.previous_as) if rule.previous_as not in moving else keeper and keeper.version
    if kept != leaves:
        yield _at(
            move,
            f"{rule.previous_as} must take over {leaves}, which {move.alias} leaves",
            f"write both entries: {_command(move, history.observed(move.alias) + 1)}"
            if move.wish.version
            else f"add the entry of {rule.previous_as}: "
            f"{{version: '{leaves}', assignment: {history.observed(rule.previous_as) + 1}, reason: …}}",
        )


def _command(move: Move, number: int) -> str:
    """How to ask for the same, rightly numbered; unassigning has no command of its own."""
    if move.wish.version is None:
        return f"write assignment: {number}"
    return f"modelmark promote {move.model}@{move.wish.version} --to {move.alias} --reason …"


CHECK = Check(
    RULE,
    "An alias moves by exactly one reviewed step: the next number, a registered version, and its predecessor kept.",
    check,
    "prod would become assignment 9, and the next one is 5",
)
