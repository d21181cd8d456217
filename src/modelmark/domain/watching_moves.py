"""What a watch does (actions), what comes of it (events), and a step from one to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelmark.domain.watching import Release, Trouble, Watched


@dataclass(frozen=True)
class Waited:
    """The pause is over."""


@dataclass(frozen=True)
class Asked:
    """The registry answered; `same` = it has the newest assignment that is known, and no next one."""

    same: bool


@dataclass(frozen=True)
class Found:
    """What the alias means now: its assignment, and what is there above it that does not count."""

    number: int
    oid: str
    newest: int
    ignored: str = ""


@dataclass(frozen=True)
class Nothing:
    """The alias means nothing now, and why; `newest` as in `Found`, 0 = no assignment is there."""

    newest: int
    trouble: Trouble


@dataclass(frozen=True)
class Pulled:
    """This release is visible."""

    release: Release


@dataclass(frozen=True)
class Hooked:
    """The hook ended; `why` it failed, or empty. `restored` = it was told of the release before."""

    why: str = ""
    restored: bool = False


@dataclass(frozen=True)
class Restored:
    """The accepted release is visible again."""


@dataclass(frozen=True)
class Gone:
    """The accepted release is not there any more, or not what it was; why."""

    trouble: Trouble


@dataclass(frozen=True)
class Reported:
    """What became of it: written down elsewhere (empty), why it could not be, or None: that is still on its way.

    `polling` as in `Report`.
    """

    why: str | None = ""
    polling: bool = False


@dataclass(frozen=True)
class Failed:
    """An action came to nothing; `asking` = nobody was reached, or was only asked."""

    trouble: Trouble
    asking: bool = False


Event = Waited | Asked | Found | Nothing | Pulled | Hooked | Restored | Gone | Reported | Failed


@dataclass(frozen=True)
class Wait:
    """Do nothing for some seconds."""

    seconds: float


@dataclass(frozen=True)
class Ask:
    """Ask for two names: the newest that is known, and the next."""

    names: tuple[str, str]


@dataclass(frozen=True)
class Look:
    """Resolve the alias."""


@dataclass(frozen=True)
class Pull:
    """Bring what was found; `keep` stays on the disk meanwhile, because it may have to come back."""

    keep: Release | None = None


@dataclass(frozen=True)
class RunHook:
    """Tell whoever serves; `before` is what it was told before."""

    release: Release
    before: Release | None
    restored: bool = False


@dataclass(frozen=True)
class Restore:
    """Make this older release visible again."""

    release: Release


@dataclass(frozen=True)
class Report:
    """Write down elsewhere that this release is live here; `polling` = a poll is due after it, and no pause."""

    release: Release
    polling: bool = False


Action = Wait | Ask | Look | Pull | RunHook | Restore | Report


@dataclass(frozen=True)
class At:
    """The moment of a step: the clock, and a number from 0 to 1 that nobody can foresee."""

    now: float
    chance: float


@dataclass(frozen=True)
class Step:
    """What a watch knows now, does next, and says: a sentence for each change."""

    state: Watched
    action: Action
    said: tuple[str, ...] = ()
