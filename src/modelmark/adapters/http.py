"""Requests over HTTP, and when to ask again: the one module that imports `httpx`.

It hides time limits, sizes and pauses. A redirect is an answer like any other: whoever asks knows where a secret may go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

T = TypeVar("T")

TRIES = 4
_PAUSES = (0.5, 2.0, 8.0)
PATIENCE = 60.0  # seconds that a server may ask to wait before we tell a person instead
_REQUEST = 60.0  # seconds for a whole answer, however slowly it drips
_MOST = 8 << 20
_STEP = 30.0  # seconds for a server to take, or to send, the next bytes


@dataclass(frozen=True)
class Answer:
    """What a server said: the status, its headers in lower case, and the bytes, where anybody wanted them."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    data: bytes = field(repr=False)


class NoAnswer(Exception):
    """Nobody is there, or nobody answers; the words of the network."""


class Endless(Exception):
    """The answer is too long, or drips."""


class GivenUp(Exception):
    """The server asks to wait longer than anybody would, or has asked too often.

    Attributes:
        answer: the last one.
        wait: seconds until it may be asked again.
    """

    def __init__(self, answer: Any, wait: float) -> None:
        super().__init__(wait)
        self.answer = answer
        self.wait = wait


class Client:
    """Sends requests with the same headers.

    Args:
        headers: of every request.
        proxies: whether those of the environment may carry the requests; one of plain HTTP could read them.
    """

    def __init__(self, headers: Mapping[str, str], *, proxies: bool) -> None:
        import httpx  # noqa: PLC0415 - a seventh of a second that only a request needs

        limits = httpx.Timeout(_STEP, connect=min(_STEP, 10))
        self._client = httpx.Client(headers=dict(headers), timeout=limits, trust_env=proxies)

    def ask(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        read: bool = True,
    ) -> Answer:
        """Send one request; without `read` the status and the headers are the whole answer.

        Raises:
            NoAnswer: there is none.
            Endless: it has no end.
        """
        import httpx  # noqa: PLC0415

        until = monotonic() + _REQUEST
        try:
            request = self._client.build_request(method, url, content=body, headers=headers)
            answer = self._client.send(request, stream=True)
            try:
                data = _read(answer, until) if read else b""
            finally:
                answer.close()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswer(str(error) or type(error).__name__) from None
        return Answer(answer.status_code, dict(answer.headers), data)


def _read(answer: httpx.Response, until: float) -> bytes:
    data = b""
    for part in answer.iter_bytes():
        data += part
        if len(data) > _MOST or monotonic() > until:
            raise Endless
    return data


def insist(ask: Callable[[], T], wait_for: Callable[[T], float | None]) -> T:
    """Ask until there is an answer that stays.

    Args:
        ask: makes the request.
        wait_for: the least seconds to wait before an answer like this one is asked for again; None = it stays.

    Raises:
        NoAnswer: nobody answered, each time.
        GivenUp: there is no answer that stays.
    """
    for pause in (*_PAUSES, None):
        try:
            answer = ask()
        except NoAnswer:
            if pause is None:
                raise
            sleep(pause)
            continue
        wait = wait_for(answer)
        if wait is None:
            return answer
        wait = max(wait, pause or 0.0)
        if pause is None or wait > PATIENCE:
            raise GivenUp(answer, wait)
        sleep(wait)
    raise AssertionError("the last round returns or raises")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks for, in the form of a number; None where it does not."""
    after = headers.get("retry-after", "")
    return float(after[:9]) if after.isdecimal() else None
