"""The page of a pull request: what a reviewer reads before saying yes. Worst first, and every foreign text inert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.domain.findings import Level
from modelmark.render import figures
from modelmark.render.markdown import advice, bullets, code, fence, folded, page, prose, section, table
from modelmark.render.text import moment, plural, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from modelmark.domain.differences import Difference, FileDifference, Files
    from modelmark.domain.evidence import Dossier, Evidence, Moved
    from modelmark.domain.findings import Finding

_MARKS = {Level.ERROR: "❌", Level.WARNING: "⚠️", Level.NOTE: "·"}
_WHY = 10
_FILES = 15
_VALUE = 32
_ABOUT_FILES = ("scan", "dependencies", "licenses")


def evidence_page(evidence: Evidence) -> str:
    """The whole page, at most 60,000 characters."""
    return page([*_head(evidence), *_subjects(evidence), *_rest(evidence)])


def _head(evidence: Evidence) -> Iterator[tuple[str, str]]:
    yield "the verdict", f"{_headline(evidence)}\n\n{_why(evidence)}"
    yield "what moves", section("What moves", _moves(evidence.moves))


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
    lines = [f"{_MARKS[found.level]} **{found.rule}**: {prose(found.message, 300)}" for found in loud[:_WHY]]
    if len(loud) > _WHY:
        lines.append(f"… and {len(loud) - _WHY:,} more, in the findings below")
    ran = plural(len(evidence.verdict.rules), "check")
    return bullets(lines) if lines else f"{ran} ran and found nothing against it."


def _moves(moves: Sequence[Moved]) -> str:
    header = ("Alias", "From", "To", "Assignment", "Asked by", "Reason")
    rows = [
        (
            f"`{one.model}@{one.alias}`",
            f"`{one.before}`" if one.before else "nothing",
            f"**`{one.after}`**" if one.after else "**nothing**",
            f"`{one.model}#{one.alias}#{one.number}`",
            prose(one.asked_by, 100),
            prose(one.reason, 300),
        )
        for one in moves
    ]
    return table(header, rows) if rows else ""


def _subjects(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """First what is to go live, then what is only registered."""
    for one in sorted(evidence.subjects, key=lambda found: found.alias is None):
        yield from _promotion(one, evidence) if one.alias else _registration(one)


def _promotion(one: Dossier, evidence: Evidence) -> Iterator[tuple[str, str]]:
    name = f"{one.model}@{one.version}"
    than = (
        f"`{one.current}`, which `{one.alias}` means now" if one.current else f"nothing: `{one.alias}` is new"
    )
    title = f"## `{name}` for `{one.alias}`, against {than}"
    if not one.readable:
        yield name, f"{title}\n\nIts manifest cannot be read, so there is nothing to show."
        return
    yield (
        f"metrics of {name}",
        f"{title}\n\n"
        + section("Candidate against current", figures.criteria(one.criteria), figures.comparison(one)),
    )
    yield f"slices of {name}", figures.slices(one)
    yield f"signature of {name}", section("Signature", signature_lines(one))
    yield f"going back from {name}", section("After the merge: the way back", _way_back(one, evidence.moves))
    yield f"files of {name}", section("Files", file_table(one.files) if one.files else "")
    yield f"lineage of {name}", section("Lineage and environment", origin_table(one))
    yield f"history of {name}", figures.history(one)
    yield f"notes of {name}", section("Notes", _notes(one))
    yield f"evaluations of {name}", section("Measured again", _evaluations(one))


def _registration(one: Dossier) -> Iterator[tuple[str, str]]:
    name = f"{one.model}@{one.version}"
    if not one.readable:
        yield name, f"## New: `{name}`\n\nIts manifest cannot be read, so there is nothing to show."
        return
    made = f"Made {moment(one.created_at)} UTC. " if one.created_at else ""
    total = f"{plural(one.files.count, 'file')}, {size(one.files.size)}." if one.files else ""
    yield f"metrics of {name}", f"## New: `{name}`\n\n{made}{total}\n\n{figures.comparison(one)}"
    yield f"lineage of {name}", section("Lineage and environment", origin_table(one))
    yield f"notes of {name}", section("Notes", _notes(one))
    if any(row.slice for row in one.metrics):
        yield f"slices of {name}", figures.slices(one)
    yield f"files of {name}", section("Files", file_table(one.files) if one.files else "")


def signature_lines(one: Dossier) -> str:
    """The signature's difference in words: who breaks, and how."""
    if one.signature is None:
        return "" if one.current is None else "One of both versions has no signature, so nothing can be said."
    if not one.signature:
        return "The same as the current version's."
    return bullets(
        f"{'❌ **breaks**' if change.breaks else '✅ fits'} {code(change.path)}: {prose(change.sentence)}"
        for change in one.signature
    )


def _way_back(one: Dossier, moves: Sequence[Moved]) -> str:
    """How to undo it: by us, and by plain Git. Every name in it has passed our grammar of names."""
    move = next((found for found in moves if (found.model, found.alias) == (one.model, one.alias)), None)
    if move is None or move.before is None:
        return ""
    if not move.direct:
        words = f"Going back to `{move.before}` is a reviewed change, too:"
        again = f"modelmark promote {one.model}@{move.before} --to {one.alias} --reason …"
        return f"{words}\n\n{fence(again, 'sh')}"
    name, version = f"{one.model}#{one.alias}#{move.number + 1}", f"{one.model}@v{move.before}"
    plain = f"git tag -a '{name}' '{version}^{{}}' -m 'why' && git push origin '{name}'"
    ours = f"modelmark rollback {one.model} --alias {one.alias} --reason 'why'"
    both = fence("\n".join((ours, plain)), "sh")
    return f"Back to `{move.before}`, at once; the second line needs Git only:\n\n{both}"


def file_table(files: Files) -> str:
    """Which files differ, the largest first."""
    grown = ""
    if files.current_size is not None:
        more = files.size - files.current_size
        grown = f" ({'+' if more > 0 else '−'}{size(abs(more))})" if more else " (as before)"
    total = f"{plural(files.count, 'file')}, {size(files.size)}{grown}; {files.unchanged:,} unchanged."
    before = files.current_size is not None
    rows = [
        (
            code(one.path),
            code(one.type),
            *((_bytes(one.current),) if before else ()),
            _bytes(one.candidate),
            *((_kind(one),) if before else ()),
        )
        for one in files.changed
    ]
    header = ("File", "Type", "Current", "Candidate", "") if before else ("File", "Type", "Size")
    shown = table(header, rows[:_FILES]) if rows else ""
    rest = rows[_FILES:]
    more_rows = folded(f"{len(rest):,} more files", table(header, rest)) if rest else ""
    return "\n\n".join(filter(None, (total, shown, more_rows)))


def _bytes(count: int | None) -> str:
    return "" if count is None else size(count)


def _kind(one: FileDifference) -> str:
    return "added" if one.current is None else "removed" if one.candidate is None else "changed"


def origin_table(one: Dossier) -> str:
    """Where both versions come from; what differs beside that is folded away."""

    def rows(found: Sequence[Difference]) -> list[tuple[str, ...]]:
        return [
            (
                one_fact.about if one_fact.about != "lineage" else "",
                code(one_fact.key),
                *((code(one_fact.current, _VALUE) or "–",) if one.current else ()),
                (code(one_fact.candidate, _VALUE) or "–")
                + (" ≠" if one.current and one_fact.current != one_fact.candidate else ""),
            )
            for one_fact in found
        ]

    header = ("", "", "Current", "Candidate") if one.current else ("", "", "")
    always = [found for found in one.origins if found.about == "lineage"]
    others = [found for found in one.origins if found.about != "lineage"]
    what = "differences" if one.current else "facts"
    more = folded(
        f"{len(others):,} {what} in environment, hardware and hyperparameters", table(header, rows(others))
    )
    return "\n\n".join(filter(None, (table(header, rows(always)), more if others else "")))


def _notes(one: Dossier) -> str:
    return bullets(f"**{prose(key, 60)}**: {prose(text)}" for key, text in one.notes.items())


def _evaluations(one: Dossier) -> str:
    rows = (
        (moment(made.at), str(made.kind), prose(made.by, 100), f"{len(made.metrics):,}", prose(made.note))
        for made in sorted(one.evaluations, key=lambda made: made.at, reverse=True)
    )
    header = ("When (UTC)", "Kind", "By", "Figures", "Note")
    return table(header, rows) if one.evaluations else ""


def _rest(evidence: Evidence) -> Iterator[tuple[str, str]]:
    found = evidence.verdict.findings
    about = [one for one in found if one.rule in _ABOUT_FILES]
    yield "scan and licences", section("Scan, dependencies and licences", _lines(about), level=2)
    loud = [one for one in found if one.level is not Level.NOTE]
    yield "findings", section("Findings", _findings(loud), level=2)
    notes = [one for one in found if one.level is Level.NOTE]
    held = folded(f"{len(notes):,} notes: what the checks looked at, with its figures", _findings(notes))
    yield "notes of the checks", held if notes else ""
    yield "checks", section("Checks", _checks(evidence), level=2)


def _lines(found: Sequence[Finding]) -> str:
    return bullets(
        f"{_MARKS[one.level]} **{one.rule}**: {prose(one.message, 300)}" for one in found[: _WHY * 2]
    )


def _findings(found: Sequence[Finding]) -> str:
    rows = (
        (
            _MARKS[one.level],
            one.rule,
            code(f"{one.path}{f':{one.line}' if one.line else ''}"),
            prose(one.message),
            advice(one.hint),
        )
        for one in found
    )
    return table(("", "Check", "Where", "What", "What to do"), rows) if found else ""


def _checks(evidence: Evidence) -> str:
    hit = {one.rule: one.level for one in reversed(evidence.verdict.findings)}
    rows = [
        (_MARKS[hit[rule]] if hit.get(rule, Level.NOTE) is not Level.NOTE else "✅", rule, prose(about))
        for rule, about in evidence.rules.items()
    ]
    ran = (
        folded(f"{plural(len(rows), 'check')} ran", table(("", "Check", "What it asks for"), rows))
        if rows
        else ""
    )
    out = ", ".join(code(rule) for rule in evidence.left_out)
    left = (
        f"**Not run here:** {out}. The gate names them, and they reach farther than was asked for."
        if out
        else ""
    )
    judged = f"Judged from {code((evidence.base or 'the beginning')[:12])} to {code(evidence.head[:12])}."
    return "\n\n".join(filter(None, (left, ran, judged)))
