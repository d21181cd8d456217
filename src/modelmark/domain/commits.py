"""Commits, and what differs between two of them, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
