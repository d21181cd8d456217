"""What the use-cases need of a forge, in parts: each takes only the one that it uses, and its fakes stay small.

Every error is a sentence with what to do: NotFound, Lost (it is there already), Denied, Unreachable, or another CouldNot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelmark.domain.forge import Label, Opened, PullRequest


class PullRequests(Protocol):
    """Where people review the branches of one repository."""

    def find_open(self, branch: str, base: str) -> Opened | None:
        """The open pull request of a branch of this repository into another one."""

    def open(self, asked: PullRequest) -> Opened:
        """Open a pull request.

        Raises:
            Lost: there is one for this branch already.
        """

    def update(self, number: int, asked: PullRequest) -> None:
        """Set title and body."""

    def add_labels(self, number: int, labels: Sequence[Label]) -> None:
        """Put labels on a pull request, beside those it has; one that does not exist is made."""
