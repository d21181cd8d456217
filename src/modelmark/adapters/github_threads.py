"""The port `Threads` over GitHub's REST API: comments of pull requests, and issues.

Who we write as is asked by GraphQL: `GET /user` is refused to every token of an App, a workflow's GITHUB_TOKEN among them, while
`viewer` answers all kinds (`github-actions[bot]`, `<slug>[bot]`, a person). A list of issues holds pull requests, too. A label
that the token may not set is dropped without a word, and an issue without it would never be found again: that is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from modelmark.adapters.github_labels import ready_labels
from modelmark.domain.threads import Post, Text
from modelmark.errors import CouldNot, Denied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelmark.adapters.github_rest import Rest
    from modelmark.domain.forge import Label, Repository

_FILES = 1000  # `Rest.pages` reads no more of a list


class ThreadsOnGitHub:
    """Comments and issues of one repository."""

    def __init__(self, repository: Repository, rest: Rest) -> None:
        self._path = f"/repos/{repository}"
        self._rest = rest

    def login(self) -> str:
        """See the port."""
        match self._rest.graphql("query { viewer { login } }"):
            case {"data": {"viewer": {"login": str(login)}}} if login:
                return login
        raise CouldNot(
            "GitHub does not say whom the token speaks for, so no text is known to be ours",
            "give a token that may ask: GITHUB_TOKEN of a workflow, an App's, or a person's",
        )

    def pulls_at(self, head: str) -> tuple[int, ...]:
        """See the port. The newest first: what was pushed just now is among the first thousand."""
        listed = self._rest.pages(f"{self._path}/pulls", state="open", sort="updated", direction="desc")
        return tuple(number for one in listed if (number := _number_at(one, head)))

    def paths(self, pull: int) -> frozenset[str] | None:
        """See the port."""
        listed = list(self._rest.pages(f"{self._path}/pulls/{pull}/files"))
        if len(listed) >= _FILES:
            return None
        return frozenset(path for one in listed for path in _paths(one))

    def comments(self, pull: int) -> Comments:
        """See the port."""
        return Comments(self._rest, self._path, pull)

    def issues(self, labels: Sequence[Label]) -> Issues:
        """See the port."""
        return Issues(self._rest, self._path, labels)


class Comments:
    """The comments of one pull request; for GitHub they are those of an issue."""

    def __init__(self, rest: Rest, repository: str, pull: int) -> None:
        self._rest = rest
        self._repository = repository
        self._pull = pull

    def all(self) -> tuple[Post, ...]:
        """See the port."""
        listed = self._rest.pages(f"{self._repository}/issues/{self._pull}/comments")
        return tuple(post for one in listed if (post := _comment(one)))

    def add(self, text: Text) -> Post:
        """See the port."""
        made = self._rest.call(
            "POST", f"{self._repository}/issues/{self._pull}/comments", {"body": text.body}
        )
        return _comment(made) or _nonsense()

    def edit(self, number: int, text: Text) -> None:
        """See the port."""
        self._rest.call("PATCH", f"{self._repository}/issues/comments/{number}", {"body": text.body})

    def retire(self, number: int, last: Text) -> None:
        """See the port."""
        self._rest.call("DELETE", f"{self._repository}/issues/comments/{number}")


class Issues:
    """The open issues with a label."""

    def __init__(self, rest: Rest, repository: str, labels: Sequence[Label]) -> None:
        self._rest = rest
        self._repository = repository
        self._labels = labels

    def all(self) -> tuple[Post, ...]:
        """See the port."""
        listed = self._rest.pages(f"{self._repository}/issues", state="open", labels=self._labels[0].name)
        return tuple(post for one in listed if (post := self._issue(one)))

    def add(self, text: Text) -> Post:
        """See the port."""
        names = ready_labels(self._rest, self._repository, self._labels)
        body = {"title": text.title, "body": text.body, "labels": names}
        made = self._rest.call("POST", f"{self._repository}/issues", body)
        post = self._issue(made)
        if post is None and isinstance(made, dict) and isinstance(made.get("number"), int):
            raise Denied(
                f"the issue {made['number']} is open without the label {names[0]}, so it would not be found again",
                "set the label there, and give the token write access to issues: `issues: write`",
            )
        return post or _nonsense()

    def edit(self, number: int, text: Text) -> None:
        """See the port."""
        self._change(number, text)

    def retire(self, number: int, last: Text) -> None:
        """See the port."""
        self._change(number, last, state="closed", state_reason="completed")

    def _change(self, number: int, text: Text, **more: str) -> None:
        body = {"title": text.title, "body": text.body, **more}
        self._rest.call("PATCH", f"{self._repository}/issues/{number}", body)

    def _issue(self, found: Any) -> Post | None:
        """An issue that is open and has the label; a filter that GitHub does not understand filters nothing."""
        match found:
            case {"pull_request": dict()}:
                return None
            case {
                "number": int(number),
                "state": "open",
                "title": str(title),
                "user": {"login": str(login)},
                "labels": list(labels),
            }:
                names = {str(one.get("name")).casefold() for one in labels if isinstance(one, dict)}
                body = found.get("body")
                text = body if isinstance(body, str) else ""
                return Post(number, login, text, title) if self._labels[0].name.casefold() in names else None
        return None


def _comment(found: Any) -> Post | None:
    match found:
        case {"id": int(number), "user": {"login": str(login)}, "body": str(body)}:
            return Post(number, login, body)
    return None  # whose account is gone: it is nobody's, and so not ours


def _number_at(found: Any, head: str) -> int | None:
    match found:
        case {"number": int(number), "state": "open", "head": {"sha": str(sha)}} if sha == head:
            return number
    return None


def _paths(found: Any) -> tuple[str, ...]:
    match found:
        case {"filename": str(path)}:
            before = found.get("previous_filename")
            return (path, before) if isinstance(before, str) else (path,)
    return _nonsense()


def _nonsense() -> NoReturn:
    raise CouldNot("GitHub's answer is not what was asked for", "see that the remote's host is the right one")
