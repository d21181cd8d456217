"""What a registry says of an alias at one moment, asked once, and what of it counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modelmark.domain.fold import fold
from modelmark.domain.watching import number_in
from modelmark.domain.watching_moves import Found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelmark.domain.history import Assignment, Facts, RawTag
    from modelmark.usecases.ports import Documents, Storage
    from modelmark.usecases.pull_ports import ReleaseSource


@dataclass(frozen=True)
class OneLook:
    """A registry as it was at one moment: each question about tags is asked once."""

    source: ReleaseSource
    known: dict[tuple[str, ...], list[RawTag]] = field(default_factory=dict)

    def tags(self, patterns: Sequence[str]) -> list[RawTag]:
        """See `TagSource`."""
        asked = tuple(patterns)
        if asked not in self.known:
            self.known[asked] = self.source.tags(patterns)
        return self.known[asked]

    def facts(self) -> Facts:
        """See `TagSource`."""
        return self.source.facts()

    def confirm(self, assignment: Assignment) -> None:
        """See `TagSource`."""
        self.source.confirm(assignment)

    @property
    def documents(self) -> Documents:
        """See `ReleaseSource`."""
        return self.source.documents

    @property
    def address(self) -> str:
        """See `ReleaseSource`."""
        return self.source.address

    def manifest(self, oid: str) -> bytes | None:
        """See `ReleaseSource`."""
        return self.source.manifest(oid)

    def storage(self) -> Storage:
        """See `ReleaseSource`."""
        return self.source.storage()


def newest_number(source: OneLook, chain: str) -> int:
    """The highest number that is there; what does not count uses numbers up, too: the next one is above all of them."""
    names = {tag.name for asked in source.known.values() for tag in asked}
    return max((number_in(chain, name) for name in names), default=0)


def what_counts(last: Assignment, source: OneLook, chain: str) -> Found:
    """What counts, and the first assignment above it, which is there and does not."""
    number = last.tag.number
    newest = newest_number(source, chain)
    if newest == number:
        return Found(number, last.oid, newest)
    tags = {tag.name: tag for asked in source.known.values() for tag in asked}
    bad = [one for one in fold(tags.values(), source.facts()).bad if number_in(chain, one.name) > number]
    why = "".join(f"{one.name} does not count: {one.why}" for one in bad[:1])
    return Found(number, last.oid, newest, why and f"{why}; {chain}#{number} stays (modelmark verify)")
