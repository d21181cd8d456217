"""What a registry's tags come to: what is registered, and what every alias meant, when, by whom and why.

`fold.py` has the rules by which a tag counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from modelmark.domain.tags import (
    NONE,
    AssignmentTag,
    VersionTag,
    parse_tag_object,
)
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from modelmark.domain.names import AliasName
    from modelmark.domain.versions import Version


@dataclass(frozen=True)
class RawTag:
    """A tag ref as Git has it; `data` is None where the ref points at something else than a tag object."""

    name: str
    oid: str
    data: bytes | None


@dataclass(frozen=True)
class Registered:
    """A valid version tag."""

    tag: VersionTag
    oid: str
    commit: str
    by: str
    at: datetime
    manifest_blob: str
    manifest_sha256: str
    artifacts: str


@dataclass(frozen=True)
class TagClaim:
    """What a tag says of itself, whether it counts or not; anybody may claim anything.

    Attributes:
        by: who says to have made it; empty = it does not say.
        points_at: object id; for a lightweight tag what its ref names.
    """

    name: str
    oid: str
    by: str
    points_at: str


def claim_of(tag: RawTag) -> TagClaim:
    """Who made a tag and what it points at, as far as it can be read."""
    try:
        found = parse_tag_object(tag.data or b"")
    except InvalidInput:
        return TagClaim(tag.name, tag.oid, "", tag.oid)
    return TagClaim(tag.name, tag.oid, str(found.tagger), found.target)


class Origin(StrEnum):
    """How an assignment came to be."""

    REVIEWED = "reviewed"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class Assignment:
    """A valid assignment; `version` None = the alias means nothing from here on."""

    tag: AssignmentTag
    oid: str
    commit: str
    version: Version | None
    previous: Version | None
    origin: Origin
    by: str
    at: datetime
    reason: str
    trailers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BadTag:
    """A tag that claims to be ours and does not count, and why."""

    name: str
    oid: str
    why: str


@dataclass(frozen=True)
class Facts:
    """What the fold must know of the repository.

    Attributes:
        registry_id: the id that tags must carry, or None where the reader cannot know it.
        on_main: whether a commit is a first-parent commit of main; always true for a reader without history.
        direct: whether an alias allows `rollback: direct` by registry.yaml at a commit.
    """

    registry_id: str | None
    on_main: Callable[[str], bool]
    direct: Callable[[str, AliasName], bool]


@dataclass(frozen=True)
class ModelHistory:
    """All that the tags of one model say."""

    versions: Mapping[Version, Registered] = field(default_factory=dict)
    aliases: Mapping[AliasName, tuple[Assignment, ...]] = field(default_factory=dict)
    highest: Mapping[AliasName, tuple[int, str]] = field(default_factory=dict)
    bad: tuple[BadTag, ...] = ()

    def now(self, alias: AliasName) -> Assignment | None:
        """The valid assignment with the highest number."""
        known = self.aliases.get(alias, ())
        return known[-1] if known else None

    def meaning(self, alias: AliasName) -> Version | None:
        """The version an alias means now."""
        last = self.now(alias)
        return last.version if last else None

    def last_meant(self, alias: AliasName) -> Version | None:
        """The version an alias means now, or meant last where it means nothing now; None = it never meant any."""
        meant = [one.version for one in self.aliases.get(alias, ()) if one.version is not None]
        return meant[-1] if meant else None

    def observed(self, alias: AliasName) -> int:
        """The highest number in use, by a valid tag or not; 0 = none."""
        return self.highest.get(alias, (0, ""))[0]

    def previous_tag(self, alias: AliasName) -> str:
        """The object id that the next assignment names as `Previous-Tag`."""
        return self.highest.get(alias, (0, NONE))[1]

    def held(self, alias: AliasName) -> tuple[Version, ...]:
        """Versions that the alias has meant, oldest first, each once."""
        return tuple(dict.fromkeys(one.version for one in self.aliases.get(alias, ()) if one.version))

    def holders(self) -> Mapping[AliasName, Version]:
        """What every alias means now, without those that mean nothing."""
        now = {alias: self.meaning(alias) for alias in self.aliases}
        return {alias: version for alias, version in now.items() if version is not None}

    def latest(self) -> Version | None:
        """The highest registered version."""
        return max(self.versions, default=None)
