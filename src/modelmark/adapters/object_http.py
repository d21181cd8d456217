"""How an object is read over HTTP and WebDAV: from any byte on, and with the login kept at home.

Hides that a redirect to another server takes along what DVC's libraries send with each request: a header with a token, or
the password. Here who asks another server than the one that the credentials are for asks without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modelmark.adapters.object_answers import BlockingAnswer, LoopAnswer, in_thread, on_loop
from modelmark.errors import Denied

if TYPE_CHECKING:
    from modelmark.adapters.object_answers import Patience

_REDIRECTS = 5
_MOVED = (301, 302, 303, 307, 308)
_BEHIND_THE_END = 416


class HttpStream(LoopAnswer):
    """By the session that DVC has set up (its login, its certificates, its retries)."""

    _response: Any
    _stranger: Any = None

    async def _open(self, path: str, start: int) -> Any:
        self._response = await self._ask(path, start)
        # A server that knows no ranges sends all of it.
        self._skip = start if self._response.status == 200 else 0
        self._over = self._response.status == _BEHIND_THE_END
        return self._response.content

    async def _ask(self, url: str, start: int) -> Any:
        session = await self._fs.set_session()
        home = place = self._fs.encode_url(url)
        for _ in range(_REDIRECTS):
            options = {**self._fs.kwargs, "headers": _headers(start), "allow_redirects": False}
            response = await session.get(place, **options).__aenter__()
            if response.status not in _MOVED:
                if response.status != _BEHIND_THE_END:
                    response.raise_for_status()
                return response
            place = _followed(home, response.url, response.headers.get("Location", ""))
            response.close()
            if _server(place) != _server(home):
                session = await self._without_login()
        raise _too_many()

    async def _without_login(self) -> Any:
        """A session for another server than the one that the credentials are for."""
        if self._stranger is None:
            known = self._fs.client_kwargs.items()
            options = {key: value for key, value in known if key not in ("auth", "headers", "cookies")}
            self._stranger = await self._fs.get_client(**options)
        return self._stranger

    def close(self) -> None:
        """See `LongAnswer`."""
        self._fs.loop.call_soon_threadsafe(self._response.close)
        if self._stranger is not None:
            on_loop(self._stranger.close(), self._fs.loop)


class DavStream(BlockingAnswer):
    """By the client that DVC has set up; its own files first ask what kind of thing it is, and follow with the login."""

    def __init__(self, fs: Any, path: str, start: int, patience: Patience) -> None:
        super().__init__(patience)
        self._client = fs.client.http
        self._answer = patience.call(lambda: self._ask(fs.client.join_url(path), start))
        self._skip = start if self._answer.status_code == 200 else 0
        self._over = self._answer.status_code == _BEHIND_THE_END
        self._pieces, self._left = self._answer.iter_raw(), b""

    def _ask(self, home: Any, start: int) -> Any:
        place, login = home, dict[str, None]()
        for _ in range(_REDIRECTS):
            request = self._client.build_request("GET", place, headers=_headers(start))
            if _server(place) != _server(home):
                login = {"auth": None}
                for name in set(request.headers) - {"host", "accept-encoding", "range"}:
                    del request.headers[name]
            answer = self._client.send(request, stream=True, follow_redirects=False, **login)
            if answer.status_code not in _MOVED:
                if answer.status_code != _BEHIND_THE_END:
                    answer.raise_for_status()
                return answer
            place = _followed(home, answer.url, answer.headers.get("Location", ""))
            answer.close()
        raise _too_many()

    def _read(self, count: int) -> bytes:
        piece = self._left or next(self._pieces, b"")
        found, self._left = piece[:count], piece[count:]
        return found

    def close(self) -> None:
        """See `LongAnswer`."""
        in_thread(self._answer.close)


def _headers(start: int) -> dict[str, str]:
    return {"Accept-Encoding": "identity", **({"Range": f"bytes={start}-"} if start else {})}


def _followed(home: Any, here: Any, location: str) -> Any:
    """Where a redirect leads; never from an encrypted server to one that is not."""
    try:
        place = here.join(type(home)(location))
    except ValueError as error:
        raise OSError(0, "a redirect to what is no address") from error
    if place.scheme not in (home.scheme, "https"):
        raise Denied(
            f"{home.host} redirects to {place.scheme}://{place.host}, which is not encrypted",
            "use the address it redirects to, if you trust it",
        )
    return place


def _server(url: Any) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _too_many() -> OSError:
    return OSError(0, f"more than {_REDIRECTS} redirects")
