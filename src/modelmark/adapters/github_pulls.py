"""The port `PullRequests` over GitHub's REST API: which requests one takes, and what is read out of the answers.

Nothing that GitHub answers is trusted further than it is needed: a pull request is taken for ours only where its branches are
those asked for and both in this repository, because a filter that GitHub does not understand filters nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modelmark.adapters.github_labels import ready_labels
from modelmark.domain.forge import Opened
from modelmark.errors import CouldNot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelmark.adapters.github_rest import Rest
    from modelmark.domain.forge import Label, PullRequest, Repository


class Pulls:
    """Pull requests of one repository."""

    def __init__(self, repository: Repository, rest: Rest) -> None:
        self._repository = repository
        self._path = f"/repos/{repository}"
        self._rest = rest

    def find_open(self, branch: str, base: str) -> Opened | None:
        """See the port."""
        head = f"{self._repository.owner}:{branch}"
        for found in self._rest.pages(f"{self._path}/pulls", state="open", head=head, base=base):
            if _is_from(found, branch, base):
                return _opened(found)
        return None

    def open(self, asked: PullRequest) -> Opened:
        """See the port."""
        body = {"title": asked.title, "body": asked.body, "head": asked.branch, "base": asked.base}
        return _opened(self._rest.call("POST", f"{self._path}/pulls", body))

    def update(self, number: int, asked: PullRequest) -> None:
        """See the port."""
        body = {"title": asked.title, "body": asked.body}
        self._rest.call("PATCH", f"{self._path}/pulls/{number}", body)

    def add_labels(self, number: int, labels: Sequence[Label]) -> None:
        """See the port."""
        names = ready_labels(self._rest, self._path, labels)
        self._rest.call("POST", f"{self._path}/issues/{number}/labels", {"labels": names})


def _is_from(found: Any, branch: str, base: str) -> bool:
    """Whether a pull request is the one of a branch of this repository, whatever the repository is called now."""
    match found:
        case {
            "head": {"ref": str(head), "repo": {"id": int(there)}},
            "base": {"ref": str(into), "repo": {"id": int(here)}},
        }:
            return (head, into, there) == (branch, base, here)
    return False


def _opened(found: Any) -> Opened:
    match found:
        case {"number": int(number), "title": str(title), "body": body, "labels": list(labels)}:
            names = frozenset(str(one["name"]) for one in labels if isinstance(one, dict) and "name" in one)
            return Opened(number, title, body if isinstance(body, str) else "", names)
    raise CouldNot("GitHub's answer is no pull request", "see that the remote's host is the right one")
