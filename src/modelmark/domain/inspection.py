"""What somebody found who looked into a version's files: facts by their kind, or why the look failed.

A kind of facts is a frozen dataclass of the domain; an adapter makes it of the files, a check judges it. Nothing here
is trusted because it was looked at: a check that asks for facts nobody could gather says so, and never passes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, TypeVar, cast

from modelmark.errors import CouldNot

if TYPE_CHECKING:
    from collections.abc import Mapping

F = TypeVar("F")


class Reach(IntEnum):
    """How far a check reaches; a caller says how far it may."""

    LISTED = 0
    """Git, and the names of what the storage has: cheap, and the same answer everywhere."""
    READ = 1
    """The bytes of the artifacts."""
    RUN = 2
    """The network, or code of the bundle in its sandbox."""


@dataclass(frozen=True)
class Inspection:
    """Facts of one version by their kind.

    Attributes:
        facts: values by their own type.
        failed: why a kind of facts could not be gathered: a sentence, and what to do.
    """

    facts: Mapping[type, object] = field(default_factory=dict)
    failed: Mapping[type, tuple[str, str]] = field(default_factory=dict)

    def of(self, kind: type[F]) -> F:
        """The facts of a kind.

        Raises:
            CouldNot: nobody could look, or nobody was asked to.
        """
        if kind in self.facts:
            return cast("F", self.facts[kind])
        message, hint = self.failed.get(kind, (f"nobody looked at the {kind.__name__}", ""))
        raise CouldNot(message, hint)
