"""What `apply` could not make true, as findings: for the issue about it, and for the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.findings import Finding, Level
from modelmark.domain.layout import aliases_path
from modelmark.domain.names import shown
from modelmark.domain.plan import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.errors import ModelmarkError
    from modelmark.usecases.apply import Applied

RULE = "apply"
_SETTLED_ELSEWHERE = (State.WAITS, State.BEHIND)  # by the next `apply`, and by `record`
_ADVICE = {
    State.CONFLICT: "say by a reviewed change what it should mean: modelmark promote {model}@VERSION --to {alias} --reason …",
    State.GAP: "correct the number by a reviewed change to {next}",
}


def broken_off(error: ModelmarkError) -> Finding:
    """What is to be said of a run that ended before all was decided."""
    return Finding(RULE, Level.ERROR, f"`modelmark apply` could not finish: {error}", hint=error.hint)


def unapplied(applied: Applied) -> Iterator[Finding]:
    """A finding for each reason of each rejected commit, and for each entry that the tags will never bear out."""
    for one in applied.plan.rejections:
        for reason in one.reasons or ("nobody said why",):
            yield Finding(
                RULE,
                Level.ERROR,
                f"commit {one.commit[:12]} {shown(one.subject, 100)} does not become true: {reason}",
                hint=one.hint,
            )
    for entry in applied.disagreements:
        if entry.state in _SETTLED_ELSEWHERE:
            continue
        yield Finding(
            RULE,
            Level.ERROR,
            f"{entry.model}@{entry.alias} means {entry.means or 'nothing'} by assignment {entry.observed}, and main asks for "
            f"{entry.wish.version or 'nothing'} by assignment {entry.wish.number}: {entry.state}",
            aliases_path(entry.model),
            hint=_ADVICE[entry.state].format(model=entry.model, alias=entry.alias, next=entry.observed + 1),
        )
