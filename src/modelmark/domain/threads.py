"""Texts that a run keeps for people on a forge, and how its own are known again: by a marker in the first line, and by their author.

A marker alone says nothing: anybody may paste it. So a text is ours where it starts with the marker and was written by the
account that we write as. Whatever else holds a marker belongs to somebody, and stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from modelmark.domain.forge import Label
from modelmark.domain.names import shown
from modelmark.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

GATE = "<!-- registry:gate -->"
"""First line of the comment that holds the gate's page."""
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


@dataclass(frozen=True)
class Text:
    """What people should read; a comment has no title."""

    body: str
    title: str = ""


@dataclass(frozen=True)
class Post:
    """A comment or an issue as the forge has it."""

    number: int
    author: str
    body: str
    title: str = ""

    def says(self, text: Text) -> bool:
        """Whether it says so already; forges change line ends, and drop blank ones at the end."""
        return self.title == text.title and _plain(self.body) == _plain(text.body)


class Kind(StrEnum):
    """What a rolling issue is about."""

    APPLY = "apply"
    ALARM = "alarm"
    AUDIT = "audit"


_ABOUT = {
    Kind.APPLY: "What could not become true after a merge",
    Kind.ALARM: "A tag or a version that is not what it claims",
    Kind.AUDIT: "What the audit of the whole registry found",
}


@dataclass(frozen=True)
class Topic:
    """What one rolling issue is about; there is at most one open issue of a topic.

    Attributes:
        about: the reference that an alarm is about, such as `m#prod#13`; empty = the registry.
    """

    kind: Kind
    about: str = ""

    @property
    def marker(self) -> str:
        """First line of the issue's body."""
        return f"<!-- registry:{self.kind}{f' {self.about}' if self.about else ''} -->"

    @property
    def labels(self) -> tuple[Label, ...]:
        """The label by which all of them are found, and the kind's own."""
        return REPORT, Label(f"registry:{self.kind}", "d93f0b", _ABOUT[self.kind])


REPORT = Label("registry:report", "b60205", "Model registry: needs a person")


class Outcome(StrEnum):
    """What became of a text."""

    OPENED = "opened"
    UPDATED = "updated"
    SAME = "up to date already"
    CLOSED = "closed"


@dataclass(frozen=True)
class Kept:
    """The one text that stands now, and what was done for it."""

    number: int
    outcome: Outcome


def ours(posts: Iterable[Post], login: str, marker: str) -> list[Post]:
    """Those that we wrote about this, oldest first."""
    mine = login.casefold()
    found = {
        one.number: one for one in posts if one.author.casefold() == mine and one.body.startswith(marker)
    }
    return [found[number] for number in sorted(found)]


def parse_commit(text: str) -> str:
    """A full commit id.

    Raises:
        InvalidInput: anything else, a shortened id included.
    """
    if not _COMMIT.fullmatch(text):
        raise InvalidInput(
            f"{shown(text)} is no full commit id", "give all 40 hex digits: git rev-parse HEAD"
        )
    return text


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
