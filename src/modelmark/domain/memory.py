"""What a consumer remembers of a registry, and when what it is shown now cannot be the same registry, later.

Tags are never moved and never deleted, and the numbers of an alias are dense. So whoever saw assignment 12 once knows
that a registry which ends at 11, or whose 12 is another object, is an old copy (a mirror that stands still, a server
that was restored) or a forged one. Rolling back is no such thing: it makes a new number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modelmark.domain.names import shown
from modelmark.domain.references import ByAlias, ByVersion
from modelmark.domain.tags import AssignmentTag, parse_tag_name
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from modelmark.domain.references import Reference


@dataclass(frozen=True)
class Seen:
    """Tags as they were seen.

    Attributes:
        registry: the id that the tags name; empty = none of them names one.
        tags: object ids by name.
    """

    registry: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


def objections(before: Seen, now: Seen, reference: Reference) -> tuple[str, ...]:
    """Why what is shown now cannot come after what was seen before, a sentence each; empty = it can.

    Args:
        before: what is remembered; empty at the first sight, when only a gap can be seen.
        now: all tags of the series that the reference speaks of, and others as they came along.
        reference: what was asked for.
    """
    return tuple(_objections(before, now, reference))


def remember(before: Seen, now: Seen, reference: Reference) -> Seen:
    """What to keep: all that was seen, and of this series what it is now (which differs where it was accepted so)."""
    if before.registry and now.registry and before.registry != now.registry:
        return now
    others = {name: oid for name, oid in before.tags.items() if not _in_series(name, reference)}
    return Seen(now.registry or before.registry, {**others, **now.tags})


def _objections(before: Seen, now: Seen, reference: Reference) -> Iterator[str]:
    if before.registry and now.registry and before.registry != now.registry:
        yield f"this is registry {shown(now.registry)}, and was {shown(before.registry)} before"
        return
    moved = [name for name, oid in sorted(before.tags.items()) if now.tags.get(name, oid) != oid]
    for name in moved[:1]:
        yield f"{name} is {now.tags[name][:12]} now and was {before.tags[name][:12]} before: somebody replaced it"
    gone = {name for name in before.tags if name not in now.tags and _in_series(name, reference)}
    if not isinstance(reference, ByAlias):
        for name in sorted(gone)[:1]:
            yield f"{name} was there before and is gone"
        return
    highest, known = max(_numbers(now.tags, reference), default=0), _numbers(gone, reference)
    series = f"{reference.model}#{reference.alias}"
    if known and min(known) > highest:
        yield f"{series} ends at {highest} and was at {max(known)} before: an old copy, or tags were deleted"
    elif known:
        yield f"{series}#{min(known)} was there before and is gone"
    there = set(_numbers(now.tags, reference))
    gap = next((number for number in range(1, highest) if number not in there), None)
    if gap is not None and gap not in known:
        yield f"{series}#{gap} is missing below {series}#{highest}"


def _in_series(name: str, reference: Reference) -> bool:
    """Whether a tag is one of those that decide what a reference means."""
    if isinstance(reference, ByAlias):
        return bool(_numbers([name], reference))
    if isinstance(reference, ByVersion):
        return name == f"{reference.model}@v{reference.version}"
    return name.startswith(f"{reference.model}@v")


def _numbers(names: Iterable[str], reference: ByAlias) -> list[int]:
    found = []
    for name in names:
        try:
            tag = parse_tag_name(name)
        except InvalidInput:
            continue  # a name that can never count
        if isinstance(tag, AssignmentTag) and (tag.model, tag.alias) == (reference.model, reference.alias):
            found.append(tag.number)
    return found
