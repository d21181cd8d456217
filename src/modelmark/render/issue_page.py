"""The pages of rolling issues: what is wrong, where, and what to do. Every foreign text is inert.

A page says the same as long as the same is wrong: no time and no commit of the run stands in it, so it is written only for news.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.findings import Level
from modelmark.domain.threads import Kind, Text
from modelmark.render.evidence_page import MARKS, finding_table
from modelmark.render.markdown import bullets, code, page, prose, section
from modelmark.render.text import plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modelmark.domain.findings import Finding, Verdict
    from modelmark.domain.threads import Topic

_MOST = 20


@dataclass(frozen=True)
class _Words:
    """How one kind of issue speaks; `least` = the lightest finding that is worth an issue."""

    title: str
    intro: str
    again: str
    least: Level = Level.ERROR
    end: str = "This issue closes by itself when nothing is left."


_WORDS = {
    Kind.APPLY: _Words(
        "Model registry: what was merged does not become true",
        "What was merged asks for this, and `apply` makes no tag for it. What is live did not change.",
        "modelmark apply --dry-run",
    ),
    Kind.ALARM: _Words(
        "Model registry: {about} is not what it claims",
        "Do not deploy it before somebody has looked. A tag that does not count is followed by nobody; its number stays used up.",
        "modelmark verify '{about}'",
        end="Close this issue when somebody has dealt with it: what does not count never will.",
    ),
    Kind.AUDIT: _Words(
        "Model registry: the audit found {count}",
        "The audit holds tags, files, storage, code owners and protection against each other.",
        "modelmark audit",
        Level.WARNING,
    ),
}


def issue_page(topic: Topic, verdict: Verdict, facts: Mapping[str, str] | None = None) -> Text | None:
    """What the issue of a topic should say; None where there is nothing to say.

    Args:
        topic: what it is about.
        verdict: what was found.
        facts: who and what, a line each.
    """
    words = _WORDS[topic.kind]
    levels = list(Level)
    loud = [one for one in verdict.findings if levels.index(one.level) <= levels.index(words.least)]
    if not loud:
        return None
    count = plural(len(loud), "thing")
    again = code(words.again.format(about=topic.about))
    known = bullets(f"**{key}:** {prose(value, 300)}" for key, value in (facts or {}).items() if value)
    sections = [
        ("what is wrong", "\n\n".join(filter(None, (words.intro, known, _reasons(loud))))),
        ("where, and what to do", section("Where, and what to do", finding_table(loud))),
        ("how to look again", f"To look again: {again}. {words.end}"),
    ]
    return Text(page(sections), words.title.format(about=topic.about, count=count))


def _reasons(found: Sequence[Finding]) -> str:
    lines = [f"{MARKS[one.level]} **{one.rule}**: {prose(one.message)}" for one in found[:_MOST]]
    if len(found) > _MOST:
        lines.append(f"… and {len(found) - _MOST:,} more, in the table below")
    return bullets(lines)
