"""What a watch needs of the world, and what it is told to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from modelmark.domain.watching import Pace, Release, Watched
from modelmark.usecases.pull_ports import ReleaseSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from modelmark.domain.json_values import Json
    from modelmark.domain.references import ByAlias
    from modelmark.domain.watching import Memory
    from modelmark.usecases.pull_ports import Releases


class PolledSource(ReleaseSource, Protocol):
    """A registry by its address, which can be asked for names alone."""

    def first_missing(self, names: Sequence[str]) -> str | None:
        """The first of these tags that is not there; None = all are."""


class Shelf(Protocol):
    """The releases on this disk."""

    def visible(self, target: Path) -> Release | None:
        """What `current` is, where it is one of ours."""

    def restore(self, target: Path, release: Release) -> None:
        """Make an older release visible again, in one swap.

        Raises:
            Missing: it is not there any more.
            Corrupt: it was written to since it was verified.
        """

    def keep(self, target: Path, release: Release) -> None:
        """See to it that the next pull leaves this older release there, of all older ones."""

    def alone(self, target: Path) -> AbstractContextManager[None]:
        """Be the one watch of a target; whatever ends this process ends that, too.

        Raises:
            CouldNot: there is another one.
        """

    def recall(self, target: Path) -> Memory | None:
        """What an earlier watch wrote down; None = there was none."""

    def remember(self, target: Path, memory: Memory) -> None:
        """Write down what the next watch must know."""


class Clock(Protocol):
    """Time and chance."""

    def now(self) -> float:
        """Seconds that never go back."""

    def chance(self) -> float:
        """A number from 0 to 1."""

    def wait(self, seconds: float) -> None:
        """Let time pass."""


@dataclass(frozen=True)
class Surroundings:
    """What a watch is in touch with.

    Attributes:
        registry: asked for names; kept open.
        open_source: the same registry, anew for each look.
        directories: what `pull` writes to.
        shelf: what is on this disk.
        hook: told of each release; returns why it failed, or nothing. None = there is no hook.
        clock: time and chance.
        show: given the state before each action, and the seconds within which the next state is due.
        tell: given a sentence for each change.
        report: given each release that is live now, i.e. visible and taken by the hook, again and again until it says
            that it is written down; False = that is on its way. It keeps nobody waiting. None = nobody wants to know.
    """

    registry: PolledSource
    open_source: Callable[[], AbstractContextManager[PolledSource]]
    directories: Releases
    shelf: Shelf
    hook: Callable[[Mapping[str, Json]], str] | None
    clock: Clock
    show: Callable[[Watched, float], object]
    tell: Callable[[str], object]
    report: Callable[[Release], bool] | None = None


@dataclass(frozen=True)
class Order:
    """What is watched, where to, how often, and how long the hook may take."""

    reference: ByAlias
    target: Path
    pace: Pace = field(default_factory=Pace)
    hook_seconds: float = 60.0

    @property
    def chain(self) -> str:
        """Model and alias, as tags name them."""
        return f"{self.reference.model}#{self.reference.alias}"
