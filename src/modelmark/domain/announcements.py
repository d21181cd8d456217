"""What became of telling the world about assignments, channel by channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelmark.domain.tags import AssignmentTag
    from modelmark.domain.versions import Version


@dataclass(frozen=True)
class Failure:
    """A channel that did not take an event, and why."""

    channel: str
    why: str
    hint: str


@dataclass(frozen=True)
class Told:
    """What became of one assignment's event: the channels that took it now (or would), had it before, and did not."""

    tag: AssignmentTag
    id: str
    version: Version | None
    sent: tuple[str, ...] = ()
    already: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()

    @property
    def is_news(self) -> bool:
        """Whether there was anything to tell."""
        return bool(self.sent or self.failed)


@dataclass(frozen=True)
class Unannounced:
    """An assignment that nobody is told of, and why."""

    tag: AssignmentTag
    why: str
    hint: str


@dataclass(frozen=True)
class Announced:
    """What a run told; without names, what everybody had heard before is left out."""

    told: tuple[Told, ...]
    refused: tuple[Unannounced, ...]
    dry_run: bool

    @property
    def failed(self) -> bool:
        """Whether a channel did not take an event, so that another run has to."""
        return any(one.failed for one in self.told)
