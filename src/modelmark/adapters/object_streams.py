"""How an object is read from a storage far away: from any byte on, and never for longer than it may take.

Hides three things that DVC's file systems leave open. A server that is silent, or sends a byte a minute, holds a reader
for ever: here every wait ends. A redirect to another server takes DVC's own header with the password along: here it
stays at home. And a connection that breaks costs the whole object: here the next one begins where it ended. What a
server sends is not judged here; whoever reads counts and hashes it.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from modelmark.errors import Corrupt, CouldNot, Denied

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Future

_Answer = TypeVar("_Answer")
_FIRST_BLOCK, _LARGEST_BLOCK = 1 << 20, 4 << 20
_REDIRECTS = 5
_LOOK = 0.2  # seconds from one look to the next at whether it is still wanted


@dataclass(frozen=True)
class Patience:
    """How long a storage may take.

    Attributes:
        silence: seconds without a byte.
        unwanted: whether nobody wants it any more: a person at the keyboard does not wait for a silent server.
        rate: bytes a second, on average, once the first `silence` seconds are over.
        clock: seconds that never go back.
    """

    silence: float = 60.0
    unwanted: Callable[[], bool] = bool
    rate: int = 10_000
    clock: Callable[[], float] = time.monotonic

    def wait(self, loop: Any, answer: Coroutine[Any, Any, _Answer]) -> _Answer:
        """What a coroutine of a file system's loop comes to, in time."""
        return self.result(_start(answer, loop))

    def result(self, answer: Future[_Answer]) -> _Answer:
        """What is already on its way, in time.

        Raises:
            TimeoutError: it did not come.
            CouldNot: nobody wants it any more.
        """
        until = time.monotonic() + self.silence
        while not answer.done():
            left = until - time.monotonic()
            if left <= 0 or self.unwanted():
                answer.cancel()
                if left <= 0:
                    raise TimeoutError(0, f"silent for {self.silence:g} s")
                raise CouldNot("nobody waits for it any more")
            with suppress(TimeoutError):
                answer.exception(min(left, _LOOK))
        return answer.result()

    def call(self, ask: Callable[[], _Answer]) -> _Answer:
        """What a function comes to that waits as long as it likes; given up on, it goes on waiting alone.

        Raises:
            TimeoutError: it did not come.
        """
        return self.result(beside(ask))

    def check(self, begun: float, count: int) -> None:
        """Raise TimeoutError where so many bytes since `begun` are too few."""
        taken = self.clock() - begun
        if taken > self.silence and count < self.rate * (taken - self.silence):
            raise TimeoutError(0, f"{count} bytes in {taken:.0f} s")


class LongAnswer:
    """One object as one long answer; each kind of store has its own way to ask for it."""

    def __init__(self, fs: Any, path: str, start: int, patience: Patience) -> None:
        self._fs, self._patience = fs, patience
        self._begun, self._count = patience.clock(), 0
        self._skip, self._over = 0, False
        self._body = patience.wait(fs.loop, self._open(path, start))

    async def _open(self, path: str, start: int) -> Any:
        """Ask; what comes back has `await read(count)`."""
        raise NotImplementedError

    def readinto(self, view: memoryview) -> int:
        """Fill a buffer, at least in part; 0 at the end."""
        while not self._over:
            data = self._patience.wait(self._fs.loop, self._read(len(view)))
            self._over = not data
            self._count += len(data)
            self._patience.check(self._begun, self._count)
            unwanted = min(self._skip, len(data))
            self._skip -= unwanted
            if data[unwanted:]:
                view[: len(data) - unwanted] = data[unwanted:]
                return len(data) - unwanted
        return 0

    async def _read(self, count: int) -> bytes:
        """What comes in a while: a network gives some kB at a time, and each way between threads takes its time."""
        found, until = bytearray(), self._patience.clock() + min(1.0, self._patience.silence / 4)
        while len(found) < count and (data := await self._body.read(count - len(found))):
            found += data
            if self._patience.clock() > until:
                break
        return bytes(found)

    def close(self) -> None:
        """Leave the rest."""
        raise NotImplementedError


class S3Stream(LongAnswer):
    """By s3fs, whose own files ask for blocks: a question for each, and none of them in time."""

    async def _open(self, path: str, start: int) -> Any:
        bucket, key, _ = self._fs.split_path(path)
        rest = {"Range": f"bytes={start}-"} if start else {}
        try:
            answer = await self._fs._call_s3("get_object", Bucket=bucket, Key=key, **rest)
        except OSError as error:
            self._over = _behind_the_end(error)
            if not self._over:
                raise
            return None
        return answer["Body"]

    def close(self) -> None:
        """See `LongAnswer`."""
        if self._body is not None:
            self._fs.loop.call_soon_threadsafe(self._body.close)


class HttpStream(LongAnswer):
    """By the session that DVC has set up (its login, its certificates, its retries)."""

    _response: Any
    _stranger: Any = None

    async def _open(self, path: str, start: int) -> Any:
        try:
            self._response = await self._ask(path, start)
        except BaseException:  # nobody gets to close what is not open
            if self._stranger is not None:
                await self._stranger.close()
            raise
        # A server that knows no ranges sends all of it.
        self._skip = start if self._response.status == 200 else 0
        self._over = self._response.status == 416
        return self._response.content

    async def _ask(self, url: str, start: int) -> Any:
        session = await self._fs.set_session()
        home = place = self._fs.encode_url(url)
        headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={start}-"} if start else {})}
        for _ in range(_REDIRECTS):
            options = {**self._fs.kwargs, "headers": headers, "allow_redirects": False}
            response = await session.get(place, **options).__aenter__()
            if response.status not in (301, 302, 303, 307, 308):
                if response.status != 416:
                    response.raise_for_status()
                return response
            response.close()
            try:
                place = response.url.join(type(home)(response.headers.get("Location", "")))
            except ValueError as error:
                raise OSError(0, "it redirects to what is no address") from error
            if place.scheme not in (home.scheme, "https"):
                raise Denied(
                    f"{home.host} redirects to {place.scheme}://{place.host}, which is not encrypted",
                    "use the address it redirects to, if you trust it",
                )
            if place.origin() != home.origin():
                session = await self._without_login()
        raise TimeoutError(0, f"more than {_REDIRECTS} redirects")

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
            _start(self._stranger.close(), self._fs.loop)


class BlockStream:
    """One object of a store that sends ranges: the next block is on its way while one is read.

    Blocks grow as long as they come quickly, so that a slow line is not taken for a silent one.
    """

    def __init__(self, fs: Any, path: str, start: int, end: int, patience: Patience) -> None:
        self._fs, self._path, self._patience = fs, path, patience
        self._next, self._end, self._block = start, end, _FIRST_BLOCK
        self._left = memoryview(b"")
        self._asked, self._since = 0, 0.0
        self._ahead: Future[bytes] | None = None
        self._ask()

    def _ask(self) -> None:
        stop = min(self._next + self._block, self._end)
        if (
            self._end - stop <= 1
        ):  # the last byte is the one that must not be there: a range of it alone is an error
            stop = self._end
        if stop == self._next:
            return
        answer = self._fs._cat_file(self._path, start=self._next, end=stop)
        self._asked, self._next, self._since = stop - self._next, stop, self._patience.clock()
        self._ahead = _start(answer, self._fs.loop)

    def readinto(self, view: memoryview) -> int:
        """Fill a buffer, at least in part; 0 at the end."""
        if not self._left and self._ahead is not None:
            self._left = self._take(self._ahead)
        count = min(len(view), len(self._left))
        view[:count], self._left = self._left[:count], self._left[count:]
        return count

    def _take(self, ahead: Future[bytes]) -> memoryview:
        self._ahead = None
        try:
            data = self._patience.result(ahead)
        except Exception as error:
            if _behind_the_end(error):
                return memoryview(b"")
            raise
        if len(data) > self._asked:
            raise Corrupt("the storage sends more than it was asked for", "check what the address leads to")
        if len(data) == self._asked:
            if self._patience.clock() - self._since < self._patience.silence / 10:
                self._block = min(2 * self._block, _LARGEST_BLOCK)
            self._ask()
        return memoryview(data)

    def close(self) -> None:
        """Leave the rest."""
        if self._ahead is not None:
            self._ahead.cancel()


def _start(answer: Coroutine[Any, Any, _Answer], loop: Any) -> Future[_Answer]:
    from asyncio import run_coroutine_threadsafe  # noqa: PLC0415 - a storage that is a folder does without

    return run_coroutine_threadsafe(answer, loop)


def beside(ask: Callable[[], _Answer]) -> Future[_Answer]:
    """Run a function in a thread that nobody has to wait for, not even the end of the program."""
    from concurrent.futures import Future  # noqa: PLC0415 - a storage that is a folder does without

    answer: Future[_Answer] = Future()

    def run() -> None:
        if answer.set_running_or_notify_cancel():
            try:
                answer.set_result(ask())
            except BaseException as error:  # noqa: BLE001 - whoever waits gets it
                answer.set_exception(error)

    Thread(target=run, daemon=True).start()
    return answer


def _behind_the_end(error: BaseException) -> bool:
    """Whether a range begins behind the last byte: each store has its own way to say 416."""
    inner = error.__cause__
    answer = getattr(inner, "response", None)
    code = answer.get("Error", {}).get("Code") if isinstance(answer, dict) else None
    statuses = {getattr(one, name, None) for one in (error, inner) for name in ("status_code", "code")}
    return code in ("InvalidRange", "416") or bool(statuses & {416, "416"})
