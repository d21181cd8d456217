"""Commits, and what differs between two of them, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelmark.domain.layout import Place
    from modelmark.domain.tags import Person


@dataclass(frozen=True)
class Commit:
    """A commit of Git."""

    oid: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    subject: str


@dataclass(frozen=True)
class FileChange:
    """One path that differs; `status` is Git's letter (A, M, D, T), the blob ids are empty where there is none."""

    path: str
    status: str
    mode: str
    old: str
    new: str
    place: Place


def only_base(found: Sequence[str]) -> str | None:
    """The one last common ancestor of two commits, or None where there is none.

    Of two, each shows as unchanged what came with the other, and a merge may take just that back: a branch could
    loosen the policy, and differ from neither.

    Raises:
        Refused: there are several.
    """
    if len(found) > 1:
        raise Refused(
            f"base and head have {len(found)} last common ancestors, so no difference says what a merge would change",
            "merge the base into the branch (git merge origin/main), push it, and check again",
        )
    return found[0] if found else None
