"""One request to GitHub's REST API, and all that may become of it.

It hides rate limits, redirects and how errors are said; `http.py` has the rest. The token goes to the API's own host and to no
other, and stands in no message: what the server says is shown without it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from time import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

from modelmark.adapters.http import (
    PATIENCE,
    TRIES,
    Client,
    Endless,
    GivenUp,
    NoAnswer,
    insist,
    retry_after,
)
from modelmark.domain.names import shown
from modelmark.errors import CouldNot, Denied, Lost, NotFound, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modelmark.domain.forge import Site

_PAGES = 10
_PER_PAGE = 100
_REDIRECTS = 3
_MOVED = {301, 302, 307, 308}
_BROKEN = {500, 502, 503, 504}

_ACTIONS = "Allow GitHub Actions to create and approve pull requests"
_SCOPES = "Contents and Pull requests, both read and write"
# What GitHub says with a 403, and what to do about it; the first that fits.
_FORBIDDEN = (
    (
        "not permitted to create or approve pull requests",
        f"switch on '{_ACTIONS}' in the repository's settings, under Actions, General",
    ),
    (
        "not accessible by integration",
        "give the job the permission it lacks: `contents: write`, `pull-requests: write`, `issues: write`",
    ),
    ("not accessible by personal access token", f"give the token the permissions {_SCOPES}"),
    (
        "upgrade to github",
        "make the repository public, or take a plan with rulesets for private ones: Pro for a person, Team for an organisation",
    ),
    ("saml", "authorise the token for the organisation's single sign-on, on the page of your tokens"),
    ("", f"the token needs {_SCOPES}, and its owner write access to the repository"),
)
_BY_STATUS: Mapping[int, tuple[type[CouldNot], str]] = {
    401: (Denied, "the token is wrong or has expired: make a new one, or run `gh auth login`"),
    404: (CouldNot, f"see that the repository exists, and that the token may see it: it needs {_SCOPES}"),
    410: (CouldNot, "switch on what it names in the repository's settings, under General, Features"),
    422: (CouldNot, "mend what it names, then run the command again"),
}


@dataclass(frozen=True)
class Answer:
    """What the server said: the status, its headers in lower case, and the JSON."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    value: Any = field(repr=False)

    @property
    def message(self) -> str:
        """GitHub's own words, with those of each error it lists."""
        if not isinstance(self.value, dict):
            return ""
        errors = self.value.get("errors")
        parts = [self.value.get("message"), *(map(_words, errors) if isinstance(errors, list) else ())]
        return ": ".join(part for part in parts if isinstance(part, str) and part)


class Rest:
    """The API of one site, with one token.

    Args:
        site: where it is.
        token: never shown.
    """

    def __init__(self, site: Site, token: str) -> None:
        self._api = site.api
        self._host = site.host
        self._token = token
        self._client = Client(
            {
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "User-Agent": "modelmark",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            # A proxy for unencrypted requests would read the token; a server on this machine needs none.
            proxies=site.api.startswith("https://"),
        )

    def __repr__(self) -> str:
        return f"Rest({self._api!r})"

    def call(self, method: str, path: str, body: object = None, **query: str | int) -> Any:
        """Make one request, and return its JSON.

        Raises:
            NotFound: there is no such thing, or the token may not see it.
            Lost: it is there already.
            CouldNot: everything else, with what to do.
        """
        return self._result(self._asked(method, f"{self._api}{path}", body, query))

    def graphql(self, query: str) -> Any:
        """Ask what REST does not say; a server of one's own has the two beside each other.

        Raises:
            CouldNot: there is no answer; what is wrong with the query stands in the answer.
        """
        return self._result(
            self._asked("POST", f"{self._api.removesuffix('/v3')}/graphql", {"query": query}, {})
        )

    def pages(self, path: str, **query: str | int) -> Iterator[Any]:
        """The items of a list, page by page, up to a thousand."""
        for page in range(1, _PAGES + 1):
            found = self.call("GET", path, per_page=_PER_PAGE, page=page, **query)
            if not isinstance(found, list):
                raise self._nonsense()
            yield from found
            if len(found) < _PER_PAGE:
                return

    def _asked(self, method: str, url: str, body: object, query: Mapping[str, str | int]) -> Answer:
        """Ask until there is an answer that stays: not when the server is broken or busy, nor when it cannot be reached."""
        try:
            return insist(lambda: self._followed(method, url, body, query), lambda one: _wait(one, time()))
        except NoAnswer as error:
            raise Unreachable(
                f"{self._host} cannot be reached: {self._shown(str(error))}",
                "check the network, and run the command again",
            ) from None
        except GivenUp as error:
            raise self._given_up(error.answer, error.wait) from None

    def _followed(self, method: str, url: str, body: object, query: Mapping[str, str | int]) -> Answer:
        """Follow what was renamed, on the same host."""
        for _ in range(_REDIRECTS + 1):
            answer = self._once(method, url, body, query)
            if answer.status not in _MOVED:
                return answer
            url, query = urljoin(url, answer.headers.get("location", "")), {}
            old, new = urlsplit(self._api), urlsplit(url)
            if (old.scheme, old.netloc) != (new.scheme, new.netloc):
                raise CouldNot(
                    f"{self._host} sends us on to {self._shown(new.netloc)}, and the token is not for that host",
                    "if the repository has moved, correct the remote: git remote set-url",
                )
        raise CouldNot(f"{self._host} sends us round in circles", "see that the remote's address is right")

    def _once(self, method: str, url: str, body: object, query: Mapping[str, str | int]) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        try:
            found = self._client.ask(method, f"{url}?{urlencode(query)}" if query else url, data)
        except Endless:
            raise CouldNot(f"the answer of {self._host} does not end", "run the command again") from None
        return Answer(found.status, found.headers, self._value(found.status, found.data))

    def _value(self, status: int, data: bytes) -> Any:
        try:
            return json.loads(data) if data else None
        except (ValueError, RecursionError):
            if status < 300:
                raise self._nonsense() from None
            return None  # a proxy or a broken server answers in HTML: its status says enough

    def _nonsense(self) -> CouldNot:
        return CouldNot(
            f"{self._host} answers what GitHub would not", "see that the remote's host is the right one"
        )

    def _result(self, answer: Answer) -> Any:
        if answer.status < 300:
            return answer.value
        raise self._error(answer)

    def _error(self, answer: Answer) -> Exception:
        said = f"{self._host} says {answer.status}"
        words = answer.message
        said += f" {self._shown(words)}" if words else ""
        if answer.status == 422 and ("already exists" in words or "already_exists" in words):
            return Lost(said, "run the command again")
        if answer.status == 404:
            return NotFound(said, _BY_STATUS[404][1])
        if answer.status == 403:
            return Denied(said, next(hint for text, hint in _FORBIDDEN if text in words.lower()))
        kind, hint = _BY_STATUS.get(answer.status, (CouldNot, "run the command again"))
        return kind(said, hint)

    def _given_up(self, answer: Answer, wait: float) -> CouldNot:
        if answer.status in _BROKEN:
            return Unreachable(
                f"{self._host} is broken: it says {answer.status}, {TRIES} times",
                "see its status page, and run the command again later",
            )
        return CouldNot(
            f"{self._host} takes no more requests for now: {self._shown(answer.message)}",
            f"run the command again in {max(wait, 60):,.0f} seconds",
        )

    def _shown(self, text: str) -> str:
        return shown(text.replace(self._token, "***"), 300)


def _wait(answer: Answer, now: float) -> float | None:
    """The least seconds before the request is worth making again; None where the answer stays."""
    if answer.status in _BROKEN:
        return 0.0
    if answer.status not in (403, 429):
        return None
    after = retry_after(answer.headers)
    if after is not None:
        return after
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(float(reset[:12]) - now, 1.0)
    # Without a time, GitHub wants at least a minute: more than anybody waits in front of a terminal.
    busy = answer.status == 429 or "rate limit" in answer.message.lower()
    return PATIENCE + 1 if busy else None


def _words(error: object) -> str:
    """One of the errors that GitHub lists: a sentence, or a field and a code."""
    if isinstance(error, str):
        return error
    if not isinstance(error, dict):
        return ""
    if isinstance(error.get("message"), str):
        return str(error["message"])
    return " ".join(str(error[key]) for key in ("resource", "field", "code") if key in error)
