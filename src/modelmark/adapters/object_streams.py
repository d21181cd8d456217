"""How an object is read from a storage, by what each kind of storage does best.

Hides what DVC's file systems leave open: a connection that breaks costs the whole object, and here the next one begins
where it ended. What a server sends is not judged here; whoever reads counts and hashes it.
"""

from __future__ import annotations

import inspect
import io
import os
import stat
from typing import TYPE_CHECKING, Any

from modelmark.adapters.object_answers import BlockingAnswer, LoopAnswer, in_thread, on_loop
from modelmark.adapters.object_http import DavStream, HttpStream
from modelmark.errors import Corrupt

if TYPE_CHECKING:
    from concurrent.futures import Future

    from modelmark.adapters.object_answers import Patience

_FIRST_BLOCK, _LARGEST_BLOCK = 1 << 19, 4 << 20
_NO_END = 1 << 62
# What a file of a library asks for at once. SSH makes many small questions of one, all on their way together.
_AT_ONCE, _BLOCK = 1 << 18, 1 << 16


class S3Stream(LoopAnswer):
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
        self._ahead = on_loop(answer, self._fs.loop)

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


class OpenedFile(BlockingAnswer):
    """One object as the file that a library opens, where it has nothing better: SSH, and whatever else DVC may bring."""

    def __init__(self, fs: Any, path: str, start: int, patience: Patience) -> None:
        super().__init__(patience)
        self._file = patience.call(lambda: fs.open(path, "rb", block_size=_BLOCK))
        if start:
            patience.call(lambda: self._file.seek(start))

    def _read(self, count: int) -> bytes:
        data: bytes = self._file.read(min(count, _AT_ONCE))
        return data

    def close(self) -> None:
        """See `LongAnswer`."""
        in_thread(self._file.close)


def open_file(path: str, start: int) -> io.FileIO:
    """An object of a storage that is a folder."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Corrupt(
            f"{path} is not a regular file", "remove it and push the version again from a clone that has it"
        )
    os.lseek(descriptor, start, os.SEEK_SET)
    return io.FileIO(descriptor)


def open_stream(fs: Any, path: str, start: int, size: int | None, patience: Patience) -> Any:
    """An object anywhere else, from its byte `start` on.

    Args:
        fs: DVC's file system.
        path: the object's place in it.
        start: how much is there already.
        size: how much there should be, if that is known; one byte more is asked for, to see whether there is.
        patience: how long it may take.
    """
    inner = patience.call(lambda: fs.fs)  # some connect when they are made
    if fs.protocol in ("http", "https"):
        return HttpStream(inner, path, start, patience)
    if fs.protocol in ("webdav", "webdavs"):
        return DavStream(inner, path, start, patience)
    if "_call_s3" in _methods(inner):
        return S3Stream(inner, path, start, patience)
    if inner.async_impl and _sends_ranges(inner):
        return BlockStream(inner, path, start, _NO_END if size is None else size + 1, patience)
    return OpenedFile(fs, path, start, patience)


def _sends_ranges(fs: Any) -> bool:
    """Whether it can be asked for a part; sshfs takes such a question, and answers with all of it."""
    return "_cat_file" in _methods(fs) and "start" in inspect.signature(fs._cat_file).parameters


def _methods(fs: Any) -> set[str]:
    """What a file system has of its own, and not from fsspec's unwritten defaults."""
    kinds = [kind for kind in type(fs).__mro__ if not kind.__module__.startswith("fsspec.")]
    return {name for kind in kinds for name in vars(kind)}


def _behind_the_end(error: BaseException) -> bool:
    """Whether a range begins behind the last byte: each store has its own way to say 416."""
    inner = error.__cause__
    answer = getattr(inner, "response", None)
    code = answer.get("Error", {}).get("Code") if isinstance(answer, dict) else None
    statuses = {getattr(one, name, None) for one in (error, inner) for name in ("status_code", "code")}
    return code in ("InvalidRange", "416") or bool(statuses & {416, "416"})
