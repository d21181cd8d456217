"""How bytes get from a source to a hash and to a disk: each is read once, and nobody waits who could work.

Hides the second thread that hashes, and when the disk is told to begin.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from concurrent.futures import Future

CHUNK = 1 << 20
_BEGIN = 16 << 20  # so much is worth the disk's while

Sink = Callable[[memoryview], object]


def pump(read: Callable[[memoryview], int], beside: Sink, here: Sink, limit: int) -> int:
    """Give every byte of a source to two consumers at once, and return how many bytes there were.

    Args:
        read: fills a buffer and returns how much; 0 at the end. Short reads are fine.
        beside: runs in a second thread, in order; meant for a hash, which lets go of the interpreter lock.
        here: runs in the calling thread, in order.
        limit: stop after this many bytes, however many there are.
    """
    buffers = [memoryview(bytearray(min(CHUNK, limit)))]
    count = _fill(read, buffers[0])
    if count < CHUNK:  # no thread for a small file
        beside(buffers[0][:count])
        here(buffers[0][:count])
        return count
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 -- 10 ms that small files do not need

    buffers.append(memoryview(bytearray(CHUNK)))
    total, turn, running = 0, 0, None
    with ThreadPoolExecutor(1) as second:
        while count:
            view = buffers[turn][:count]
            earlier: Future[object] | None = running
            running = second.submit(beside, view)
            here(view)
            if earlier is not None:  # the next read goes into the buffer that this one hashed
                earlier.result()
            total, turn = total + count, 1 - turn
            count = _fill(read, buffers[turn][: limit - total])
        if running is not None:
            running.result()
    return total


def read_all(read: Callable[[memoryview], int], sink: Sink, limit: int) -> int:
    """As `pump`, for one consumer: a second thread has nothing to do, and to hand buffers over costs a tenth."""
    buffer, total = memoryview(bytearray(min(CHUNK, limit))), 0
    while count := read(buffer[: limit - total]):
        sink(buffer[:count])
        total += count
    return total


def writer(stream: BinaryIO, start: int = 0) -> Sink:
    """A sink that writes from `start` on, and has the disk begin meanwhile: else a sync at the end waits for it all."""
    written = asked = start

    def write(view: memoryview) -> None:
        nonlocal written, asked
        written += stream.write(view)
        if written - asked >= _BEGIN and hasattr(os, "posix_fadvise"):
            stream.flush()
            # Linux begins to write such a range, and forgets of it only what is written already.
            with suppress(OSError):
                os.posix_fadvise(stream.fileno(), asked, written - asked, os.POSIX_FADV_DONTNEED)
            asked = written

    return write


def _fill(read: Callable[[memoryview], int], view: memoryview) -> int:
    """Read until the buffer is full or the source ends: network streams give a few kB at a time."""
    filled = 0
    while filled < len(view) and (count := read(view[filled:])):
        filled += count
    return filled
