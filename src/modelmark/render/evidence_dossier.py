"""The evidence on one version as sections of a page, in the order in which a reviewer asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.render import figures
from modelmark.render.markdown import bullets, code, fence, folded, prose, section, table
from modelmark.render.text import moment, plural, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from modelmark.domain.differences import Difference, FileDifference, Files
    from modelmark.domain.evidence import Dossier, Moved

_FILES = 15
_VALUE = 32


def promotion(one: Dossier, moves: Sequence[Moved]) -> Iterator[tuple[str, str]]:
    """A version that an alias is to mean: sections by their names."""
    name = f"{one.model}@{one.version}"
    emptied = any((move.model, move.alias, move.before) == (one.model, one.alias, None) for move in moves)
    since = "meant before it was emptied" if emptied else "means now"
    than = (
        f"`{one.current}`, which `{one.alias}` {since}" if one.current else f"nothing: `{one.alias}` is new"
    )
    title = f"## `{name}` for `{one.alias}`, against {than}"
    if not one.readable:
        yield f"`{name}`", f"{title}\n\nIts manifest cannot be read, so there is nothing to show."
        return
    yield (
        f"metrics of `{name}`",
        f"{title}\n\n"
        + section("Candidate against current", figures.criteria(one.criteria), figures.comparison(one)),
    )
    yield f"slices of `{name}`", figures.slices(one)
    yield f"signature of `{name}`", section("Signature", signature_lines(one))
    yield (
        f"going back from `{name}`",
        section("After the merge: the way back", _way_back(one, moves)),
    )
    yield f"files of `{name}`", section("Files", file_table(one.files) if one.files else "")
    yield f"lineage of `{name}`", section("Lineage and environment", origin_table(one))
    yield f"history of `{name}`", figures.history(one)
    yield f"notes of `{name}`", section("Notes", _notes(one))
    yield f"evaluations of `{name}`", section("Measured again", _evaluations(one))


def registration(one: Dossier) -> Iterator[tuple[str, str]]:
    """A new version: shorter, since nothing goes live."""
    name = f"{one.model}@{one.version}"
    if not one.readable:
        yield f"`{name}`", f"## New: `{name}`\n\nIts manifest cannot be read, so there is nothing to show."
        return
    made = f"Made {moment(one.created_at)} UTC. " if one.created_at else ""
    total = f"{plural(one.files.count, 'file')}, {size(one.files.size)}." if one.files else ""
    yield f"metrics of `{name}`", f"## New: `{name}`\n\n{made}{total}\n\n{figures.comparison(one)}"
    yield f"lineage of `{name}`", section("Lineage and environment", origin_table(one))
    yield f"notes of `{name}`", section("Notes", _notes(one))
    if any(row.slice for row in one.metrics):
        yield f"slices of `{name}`", figures.slices(one)
    yield f"files of `{name}`", section("Files", file_table(one.files) if one.files else "")


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
    before, grown = files.current_size is not None, ""
    if files.current_size is not None:
        more = files.size - files.current_size
        grown = f" ({'+' if more > 0 else '−'}{size(abs(more))})" if more else " (as before)"
    total = f"{plural(files.count, 'file')}, {size(files.size)}"
    total += f"{grown}; {files.unchanged:,} unchanged." if before else "."
    header = ("File", "Type", "Current", "Candidate", "") if before else ("File", "Type", "Size")

    def cells(one: FileDifference) -> tuple[str, ...]:
        sizes = (
            (_bytes(one.current), _bytes(one.candidate), _kind(one)) if before else (_bytes(one.candidate),)
        )
        return code(one.path), code(one.type), *sizes

    rest = files.changed[_FILES:]
    more_rows = folded(f"{len(rest):,} more files", table(header, rest, cells)) if rest else ""
    return "\n\n".join(filter(None, (total, table(header, files.changed[:_FILES], cells), more_rows)))


def _bytes(count: int | None) -> str:
    return "" if count is None else size(count)


def _kind(one: FileDifference) -> str:
    return "added" if one.current is None else "removed" if one.candidate is None else "changed"


def origin_table(one: Dossier) -> str:
    """Where both versions come from; what differs beside that is folded away."""

    def cells(fact: Difference) -> tuple[str, ...]:
        about = "" if fact.about == "lineage" else fact.about
        after = code(fact.candidate, _VALUE) or "–"
        if not one.current:
            return about, code(fact.key), after
        return (
            about,
            code(fact.key),
            code(fact.current, _VALUE) or "–",
            after + " ≠" * (fact.current != fact.candidate),
        )

    header = ("", "", "Current", "Candidate") if one.current else ("", "", "")
    always = [found for found in one.origins if found.about == "lineage"]
    others = [found for found in one.origins if found.about != "lineage"]
    what = "differences" if one.current else "facts"
    title = f"{len(others):,} {what} in environment, hardware and hyperparameters"
    more = folded(title, table(header, others, cells)) if others else ""
    return "\n\n".join(filter(None, (table(header, always, cells), more)))


def _notes(one: Dossier) -> str:
    return bullets(f"**{prose(key, 60)}**: {prose(text)}" for key, text in one.notes.items())


def _evaluations(one: Dossier) -> str:
    newest_first = sorted(one.evaluations, key=lambda made: made.at, reverse=True)
    return table(
        ("When (UTC)", "Kind", "By", "Figures", "Note"),
        newest_first,
        lambda made: (
            moment(made.at),
            str(made.kind),
            prose(made.by, 100),
            f"{len(made.metrics):,}",
            prose(made.note),
        ),
    )
