"""Ask for the review of a branch that was pushed: open its pull request, or bring the open one up to date.

The branch is what counts, and it is out already: whatever the forge says, that is said first, with the page on which a
person can do the rest by hand. Everything here can be run again; the branch and its base decide which pull request it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelmark.domain.forge import compare_url
from modelmark.errors import CouldNot, Lost, ModelmarkError

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelmark.domain.forge import Opened, PullRequest, Repository
    from modelmark.usecases.forge_ports import PullRequests


@dataclass(frozen=True)
class Proposed:
    """Where a branch is reviewed.

    Attributes:
        url: of the pull request; None where there is no token to open it with.
        compare: the page on which a person opens it.
        opened: it was not there before.
        warnings: what is missing on it, a sentence each.
    """

    url: str | None
    compare: str
    opened: bool = False
    warnings: tuple[str, ...] = ()


class NotProposed(CouldNot):
    """The branch is pushed, and its pull request could not be opened or brought up to date."""


def propose(
    repository: Repository, find_pulls: Callable[[], PullRequests | None], asked: PullRequest
) -> Proposed:
    """Open the pull request of a pushed branch, or bring it up to date.

    Args:
        repository: where the branch is.
        find_pulls: gives what to ask, or None where there is no token.
        asked: what the pull request should be.

    Raises:
        NotProposed: the forge did not do it; the branch stays pushed.
    """
    by_hand = compare_url(repository, asked)
    try:
        pulls = find_pulls()
        if pulls is None:
            return Proposed(None, by_hand)
        found, new = _opened(pulls, asked)
    except ModelmarkError as error:
        raise NotProposed(
            f"the branch {asked.branch} is pushed, and its pull request could not be opened or updated: {error.message}",
            f"{error.hint or 'run the command again'}; or open it by hand: {by_hand}",
        ) from error
    there = {name.casefold() for name in found.labels}
    missing = tuple(one for one in asked.labels if one.name.casefold() not in there)
    warnings: tuple[str, ...] = ()
    try:
        if missing:
            pulls.add_labels(found.number, missing)
    except ModelmarkError as error:  # it is open, and that is what was asked for
        warnings = (
            f"its labels could not be set: {error.message}{f' ({error.hint})' if error.hint else ''}",
        )
    return Proposed(repository.pull_url(found.number), by_hand, new, warnings)


def _opened(pulls: PullRequests, asked: PullRequest) -> tuple[Opened, bool]:
    """The pull request, and whether it is new."""
    found = pulls.find_open(asked.branch, asked.base)
    if found is None:
        try:
            return pulls.open(asked), True
        except Lost:  # another run of the same command was faster
            found = pulls.find_open(asked.branch, asked.base)
            if found is None:
                raise
    if not found.says(asked):
        pulls.update(found.number, asked)
    return found, False
