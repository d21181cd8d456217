"""The page of a pull request: what a reviewer reads before saying yes. Worst first, and every foreign text inert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.findings import Level
from modelmark.render.evidence_dossier import promotion, registration
from modelmark.render.markdown import PAGE, advice, bullets, code, folded, page, prose, section, table
from modelmark.render.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from modelmark.domain.evidence import Evidence, Moved
    from modelmark.domain.findings import Finding

MARKS = {Level.ERROR: "❌", Level.WARNING: "⚠️", Level.NOTE: "·"}
_WHY = 10
_ABOUT_FILES = ("scan", "dependencies", "licenses")


def evidence_page(evidence: Evidence, limit: int = PAGE) -> str:
    """The whole page, at most 60,000 characters."""
    return page([*_head(evidence), *_subjects(evidence), *_rest(evidence)], limit)


def unjudged_page(message: str, head: str) -> str:
    """What stands there where the gate could not be asked: the change in its author's words, and how to ask."""
    ask = code(f"modelmark check --head {head}")
    asked = f"## The gate could not be asked\n\n{prose(message, 4000)}"
    return page([("the change", asked), ("what to do", f"Fetch the branch, then ask it: {ask}")])


def _head(evidence: Evidence) -> Iterator[tuple[str, str]]:
    yield "the verdict", f"{_headline(evidence)}\n\n{_why(evidence)}"
    yield "what moves", section("What moves", _moves(evidence.moves))
    loud = [one for one in evidence.verdict.findings if one.level is not Level.NOTE]
    places = folded(f"{plural(len(loud), 'finding')}: where, and what to do", finding_table(loud))
    yield "findings", places if loud else ""


def _headline(evidence: Evidence) -> str:
    verdict = evidence.verdict
    what = _what(evidence)
    if verdict.passed:
        return f"## ✅ Passed: {what}"
    errors = sum(found.level is Level.ERROR for found in verdict.findings)
    return f"## ❌ Not passed: {what}, {plural(errors, 'error') if verdict.rules else 'no rule ran'}"


def _what(evidence: Evidence) -> str:
    """What the change is, in a few words; all names in it are ours to print."""
    asked = [
        f"{one.model}@{one.after or 'nothing'} → {one.alias}" for one in evidence.moves if not one.follows
    ]
    new = [f"{one.model}@{one.version} (new)" for one in evidence.subjects if one.alias is None]
    names = [*asked, *new]
    shown = ", ".join(f"`{name}`" for name in names[:3]) + (
        f" and {len(names) - 3:,} more" * (len(names) > 3)
    )
    return shown or f"{plural(evidence.files, 'file')} of the registry"


def _why(evidence: Evidence) -> str:
    """A line for each reason, errors before warnings."""
    loud = [found for found in evidence.verdict.findings if found.level is not Level.NOTE]
    lines = [f"{MARKS[found.level]} **{found.rule}**: {prose(found.message, 300)}" for found in loud[:_WHY]]
    if len(loud) > _WHY:
        lines.append(f"… and {len(loud) - _WHY:,} more, in the list below")
    ran = plural(len(evidence.verdict.rules), "check")
    return bullets(lines) if lines else f"{ran} ran and found nothing against it."


def _moves(moves: Sequence[Moved]) -> str:
    header = ("Alias", "From", "To", "Assignment", "Asked by", "Reason")
    return table(
        header,
        moves,
        lambda one: (
            f"`{one.model}@{one.alias}`",
            f"`{one.before}`" if one.before else "nothing",
            f"**`{one.after}`**" if one.after else "**nothing**",
            f"`{one.model}#{one.alias}#{one.number}`",
            prose(one.asked_by, 100),
            prose(one.reason, 300),
        ),
    )


def _subjects(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """First what is to go live, then what is only registered."""
    for one in sorted(evidence.subjects, key=lambda found: found.alias is None):
        yield from promotion(one, evidence.moves) if one.alias else registration(one)


def _rest(evidence: Evidence) -> Iterator[tuple[str, str]]:
    found = evidence.verdict.findings
    about = [one for one in found if one.rule in _ABOUT_FILES]
    yield "scan and licences", section("Scan, dependencies and licences", _lines(about), level=2)
    notes = [one for one in found if one.level is Level.NOTE]
    held = folded(f"{len(notes):,} notes: what the checks looked at, with its figures", finding_table(notes))
    yield "notes of the checks", held if notes else ""
    yield "checks", section("Checks", _checks(evidence), level=2)


def _lines(found: Sequence[Finding]) -> str:
    return bullets(
        f"{MARKS[one.level]} **{one.rule}**: {prose(one.message, 300)}" for one in found[: _WHY * 2]
    )


def finding_table(found: Sequence[Finding]) -> str:
    """Findings with their places, and what to do about each."""
    return table(
        ("", "Check", "Where", "What", "What to do"),
        found,
        lambda one: (
            MARKS[one.level],
            one.rule,
            code(f"{one.path}{f':{one.line}' if one.line else ''}"),
            prose(one.message),
            advice(one.hint),
        ),
    )


def _checks(evidence: Evidence) -> str:
    hit = {one.rule: one.level for one in reversed(evidence.verdict.findings)}
    rows = table(
        ("", "Check", "What it asks for"),
        list(evidence.rules.items()),
        lambda one: (_mark(hit.get(one[0], Level.NOTE)), one[0], prose(one[1])),
    )
    ran = folded(f"{plural(len(evidence.rules), 'check')} ran", rows) if rows else ""
    out = ", ".join(code(rule) for rule in evidence.left_out)
    left = (
        f"**Not run here:** {out}. The gate names them, and they reach farther than was asked for."
        if out
        else ""
    )
    judged = f"Judged from {code((evidence.base or 'the beginning')[:12])} to {code(evidence.head[:12])}."
    return "\n\n".join(filter(None, (left, ran, judged)))


def _mark(level: Level) -> str:
    return "✅" if level is Level.NOTE else MARKS[level]
