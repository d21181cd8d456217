"""What was told of assignments, as a person on a terminal reads it: what went out, and what did not and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.render.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelmark.domain.announcements import Announced


def sent(value: Announced) -> str:
    """A line for each assignment that somebody was told of, or would be."""
    verb = "would announce" if value.dry_run else "announced"
    return "\n".join(
        f"{verb} {one.tag}  ({one.tag.alias} means {one.version or 'nothing'}): {', '.join(one.sent)}"
        for one in value.told
        if one.sent
    )


def unsent(value: Announced) -> Iterator[str]:
    """What nobody was told of, and what to do about it."""
    for one in value.told:
        if not one.is_news:
            yield f"{one.tag} was announced before: {', '.join(one.already)} (--again repeats it)"
        for failure in one.failed:
            yield f"✗ {one.tag}: {failure.channel}: {clean(failure.why)}{_hint(failure.hint)}"
    for refused in value.refused:
        yield f"✗ {refused.tag} is not announced: {clean(refused.why)}{_hint(refused.hint)}"
    if value.failed:
        yield "run the command again: it does what is left"
    if not value.told and not value.refused:
        yield "nothing to announce"


def _hint(text: str) -> str:
    return f"\n    → {clean(text)}" if text else ""
