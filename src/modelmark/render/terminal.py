"""Values as a person on a terminal reads them."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from modelmark.domain.findings import Finding, Level, Verdict
from modelmark.domain.history import Assignment, Origin
from modelmark.domain.plan import Decision, NewTag, Plan, State
from modelmark.domain.running import Running, Standing
from modelmark.render.text import clean, moment, plural, size, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from modelmark.domain.manifest import Compression, Manifest
    from modelmark.domain.metrics import Metric
    from modelmark.domain.policy import Stage
    from modelmark.domain.versions import Version

_MARKS = {Level.ERROR: "✗", Level.WARNING: "!", Level.NOTE: "·"}
_ADVICE = {
    State.WAITS: "merged, waits for `modelmark apply`",
    State.BEHIND: "the file is behind the tags: `modelmark record`",
    State.CONFLICT: "file and tags disagree: `modelmark verify`",
    State.GAP: "the file asks for a number too high: `modelmark verify`",
}


def findings(verdict: Verdict, levels: Sequence[Level] = tuple(Level)) -> str:
    """The findings of these levels, the errors first, each with its place; a mend that several share is said once."""
    told = [found for found in verdict.findings if found.level in levels]
    lines = []
    for found, after in zip_longest(told, told[1:]):
        again = after is not None and (found.rule, found.hint) == (after.rule, after.hint)
        lines.append(finding(replace(found, hint="") if again else found))
    return "\n".join(lines)


def finding(found: Finding) -> str:
    """One finding in one or two lines."""
    place = f"{clean(found.path)}{f':{found.line}' if found.line else ''}: " if found.path else ""
    hint = f"\n    → {clean(found.hint)}" if found.hint else ""
    return f"{_MARKS[found.level]} {found.rule}: {place}{clean(found.message)}{hint}"


def headline(verdict: Verdict, what: str) -> str:
    """The one bit, in a sentence."""
    errors = sum(found.level is Level.ERROR for found in verdict.findings)
    if not verdict.rules:
        return f"not passed: no rule ran on {what}"
    return f"passed: {what}" if verdict.passed else f"not passed: {what}, {plural(errors, 'error')}"


def plan(value: Plan, *, dry: bool) -> str:
    """What `apply` will do, or did."""
    lines = [
        line
        for decision in value.decisions
        for line in _decision(decision, "would create" if dry else "created")
    ]
    for rejected, after in zip_longest(value.rejections, value.rejections[1:]):
        lines.append(f"✗ {rejected.commit[:10]} {clean(rejected.subject)}: does not become true")
        lines += [f"    {clean(reason)}" for reason in rejected.reasons]
        if after is None or after.hint != rejected.hint:
            lines.append(f"    → {clean(rejected.hint)}")
    return "\n".join(lines) or "nothing to do: the tags say what main asks for"


def _decision(decision: Decision, verb: str) -> Iterator[str]:
    for tag in decision.tags:
        yield f"{verb} {tag.name}  ({_meaning(tag)}, {decision.commit[:10]})"


def _meaning(tag: NewTag) -> str:
    return clean(tag.message.subject)


def assignments(rows: tuple[Assignment, ...]) -> str:
    """A history, newest first."""
    return table(
        [
            (
                moment(one.at),
                one.tag.alias,
                one.tag.number,
                one.version or "nothing",
                "rollback" if one.origin is Origin.ROLLBACK else "promotion",
                _people(one),
                one.reason,
            )
            for one in rows
        ],
        ("WHEN (UTC)", "ALIAS", "#", "MEANS", "BY", "WHO", "WHY"),
    )


def running(rows: Sequence[Running]) -> str:
    """What runs where, by model, alias and environment."""
    return table(
        [
            (
                f"{one.model}@{one.alias}",
                one.env,
                one.runs,
                one.declared or "nothing",
                _standing(one),
                one.host,
                moment(one.since),
            )
            for one in rows
        ],
        ("WHAT", "WHERE", "RUNS", "DECLARED", "", "HOST", "SINCE (UTC)"),
    )


def _standing(one: Running) -> str:
    """`behind by 2 assignments, unverified`."""
    if one.standing is Standing.UNDECLARED:
        return f"✗ never declared: {one.why}"
    words = [f"behind by {plural(one.behind, 'assignment')}"] if one.behind else []
    words += [f"silent since {moment(one.since)}"] if one.standing is Standing.SILENT else []
    words += [] if one.verified else ["unverified"]
    return f"✗ {', '.join(words)}" if words else "✓ agrees"


def _people(one: Assignment) -> str:
    asked, approved = one.trailers.get("Requested-By"), one.trailers.get("Approved-By")
    if asked and approved:
        return f"{_name(asked)}, approved by {', '.join(_name(who) for who in approved.split(', '))}"
    return _name(asked or one.by)


def _name(person: str) -> str:
    return person.partition(" <")[0]


def state_line(model: str, alias: str, found: State, wish: Version | None, means: Version | None) -> str:
    """A sentence on an alias whose file and tags differ."""
    return f"! {model}@{alias} means {means or 'nothing'}, aliases.yaml says {wish or 'nothing'}: {_ADVICE[found]}"


def version_details(manifest: Manifest, stage: Stage, facts: Mapping[str, str], archived: str | None) -> str:
    """Everything about one version."""
    lineage = manifest.lineage
    rows = {
        "stage": str(stage) + (f" ({clean(archived)})" if archived else ""),
        **facts,
        "created": moment(manifest.created_at),
        "artifacts": f"{plural(len(manifest.files), 'file')}, {size(manifest.size)}",
        "tags": ", ".join(f"{key}={value}" for key, value in manifest.tags.items()),
        "notes": "; ".join(manifest.notes.values()),
        "compressed": _compression(manifest.compression),
        "code": (lineage.git_commit or "") + (" (with changes)" if lineage.git_dirty else ""),
        "data": lineage.data_version or "",
        "trained in": f"{lineage.duration_seconds:g} s" if lineage.duration_seconds is not None else "",
    }
    head = "\n".join(f"{key + ':':<13}{clean(value)}" for key, value in rows.items() if value)
    files = table(
        [(file.path, file.type, size(file.size), file.sha256[:12]) for file in manifest.files], _FILE_HEADER
    )
    return f"{head}\n\n{metrics(manifest.metrics)}\n\n{files}"


def _compression(how: Compression | None) -> str:
    if how is None:
        return ""
    return f"{how.method}, made of version {how.parent}" if how.parent else how.method


_FILE_HEADER = ("FILE", "TYPE", "SIZE", "SHA-256")


def metrics(records: tuple[Metric, ...]) -> str:
    """Metrics, overall ones first."""
    ordered = sorted(records, key=lambda one: (bool(one.slice), one.name))
    rows = [
        (
            one.name,
            ", ".join(f"{key}={value}" for key, value in {**one.slice, **one.where}.items()) or "overall",
            f"{one.value:.4g}",
            f"{one.ci95[0]:.4g} … {one.ci95[1]:.4g}" if one.ci95 else "",
            "" if one.n is None else one.n,
            one.dataset,
        )
        for one in ordered
    ]
    return table(rows, ("METRIC", "ON", "VALUE", "95% INTERVAL", "N", "DATASET")) if rows else "no metrics"
