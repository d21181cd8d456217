"""How long one waits for a storage far away, whatever its library does meanwhile.

Hides that some libraries answer on a loop of their own and others block whoever asks: both become something that can be
waited for, and left. A server that is silent, or sends a byte a minute, would hold a reader for ever; here every wait ends.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Patience:
    """How long a storage may take.

    Attributes:
        silence: seconds without a byte.
        rate: bytes a second, on average, once the first `silence` seconds are over.
        clock: seconds that never go back.
    """

    silence: float = 60.0
    rate: int = 10_000
    clock: Callable[[], float] = time.monotonic

    def wait(self, loop: Any, answer: Coroutine[Any, Any, _Answer]) -> _Answer:
        """What a coroutine of a file system's loop comes to, in time."""
        return self.result(on_loop(answer, loop))

    def call(self, ask: Callable[[], _Answer]) -> _Answer:
        """What a function that may block comes to, in time."""
        return self.result(in_thread(ask))

    def result(self, answer: Future[_Answer]) -> _Answer:
        """What is already on its way, in time.

        Raises:
            TimeoutError: it did not come.
        """
        try:
            return answer.result(self.silence)
        except TimeoutError:
            if answer.done():
                raise  # in words of its own
            answer.cancel()
            raise TimeoutError(0, f"silent for {self.silence:g} s") from None

    def check(self, begun: float, count: int) -> None:
        """Raise TimeoutError where so many bytes since `begun` are too few."""
        taken = self.clock() - begun
        if taken > self.silence and count < self.rate * (taken - self.silence):
            raise TimeoutError(0, f"{count} bytes in {taken:.0f} s")


def on_loop(answer: Coroutine[Any, Any, _Answer], loop: Any) -> Future[_Answer]:
    """Begin a coroutine on a loop that runs in another thread."""
    from asyncio import run_coroutine_threadsafe  # noqa: PLC0415 - a storage that is a folder does without

    return run_coroutine_threadsafe(answer, loop)


def in_thread(ask: Callable[[], _Answer]) -> Future[_Answer]:
    """Begin what may block for ever, in a thread that the process does not wait for at its end."""
    answer: Future[_Answer] = Future()
    answer.set_running_or_notify_cancel()

    def run() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001 - it is raised again where the answer is waited for
            answer.set_exception(error)

    Thread(target=run, daemon=True).start()
    return answer


class LongAnswer:
    """One object as one long answer; each kind of store has its own way to ask for it."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._begun, self._count = patience.clock(), 0
        self._skip, self._over = 0, False

    def _more(self, count: int) -> Future[bytes]:
        """Begin to read at most so many bytes; none of them = the end."""
        raise NotImplementedError

    def readinto(self, view: memoryview) -> int:
        """Fill a buffer, at least in part; 0 at the end."""
        while not self._over:
            data = self._patience.result(self._more(len(view)))
            self._over = not data
            self._count += len(data)
            self._patience.check(self._begun, self._count)
            unwanted = min(self._skip, len(data))
            self._skip -= unwanted
            if data[unwanted:]:
                view[: len(data) - unwanted] = data[unwanted:]
                return len(data) - unwanted
        return 0

    def close(self) -> None:
        """Leave the rest."""
        raise NotImplementedError

    def _until(self) -> float:
        """How long to gather what comes: a network gives some kB at a time, and each way between threads takes its time."""
        return self._patience.clock() + min(1.0, self._patience.silence / 4)


class BlockingAnswer(LongAnswer):
    """The same where the library blocks."""

    def _read(self, count: int) -> bytes:
        """Read at most so many bytes, and wait for them."""
        raise NotImplementedError

    def _more(self, count: int) -> Future[bytes]:
        return in_thread(lambda: self._gather(count))

    def _gather(self, count: int) -> bytes:
        found, until = bytearray(), self._until()
        while len(found) < count and (data := self._read(count - len(found))):
            found += data
            if self._patience.clock() > until:
                break
        return bytes(found)


class LoopAnswer(LongAnswer):
    """The same where it answers on a loop of its own; `_open` comes to something with `await read(count)`."""

    def __init__(self, fs: Any, path: str, start: int, patience: Patience) -> None:
        super().__init__(patience)
        self._fs = fs
        self._body = patience.wait(fs.loop, self._open(path, start))

    async def _open(self, path: str, start: int) -> Any:
        raise NotImplementedError

    def _more(self, count: int) -> Future[bytes]:
        return on_loop(self._gather(count), self._fs.loop)

    async def _gather(self, count: int) -> bytes:
        found, until = bytearray(), self._until()
        while len(found) < count and (data := await self._body.read(count - len(found))):
            found += data
            if self._patience.clock() > until:
                break
        return bytes(found)
