"""Which way an object of a storage is opened: from a disk, by one long answer, by blocks, or by a library that waits.

Hides what each library of DVC's can do. One that reads without a coroutine (WebDAV, SSH, and what nobody has looked at)
may wait for ever: it is asked in a thread of its own, and left there.
"""

from __future__ import annotations

import inspect
import io
import os
import stat
from typing import TYPE_CHECKING, Any

from modelmark.adapters.object_streams import BlockStream, HttpStream, Patience, S3Stream, beside
from modelmark.errors import Corrupt

if TYPE_CHECKING:
    from collections.abc import Callable

_FIRST_PIECE = 1 << 16
# What a library reads at once, whatever it is asked for. SSH finds out what its server sends best; WebDAV gives nothing
# before so much is there.
_AHEAD = {"ssh": None, "webdav": _FIRST_PIECE, "webdavs": _FIRST_PIECE}
_MOST_AHEAD = 4 << 20


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
        size: how much there should be, where that is known.
        patience: how long each step may take.
    """
    told = fs.fs_args.get("timeout")
    if isinstance(told, int | float):  # a connection that is given up on must not be in the way of the next
        fs.fs_args["timeout"] = min(told, patience.silence)
    if fs.protocol == "ssh":  # DVC would lend the keys of whoever reads to whoever stores
        fs.fs_args["agent_forwarding"] = False
    inner = patience.call(lambda: fs.fs)
    if fs.protocol in ("http", "https"):
        return HttpStream(inner, path, start, patience)
    if _own(inner, "_call_s3"):
        return S3Stream(inner, path, start, patience)
    if inner.async_impl and _sends_ranges(inner):
        if size is None:
            size = patience.wait(inner.loop, inner._info(path))["size"]
        # One byte more is asked for, to see whether there is.
        return BlockStream(inner, path, start, size + 1, patience)
    if fs.protocol in ("webdav", "webdavs"):
        _keep_at_home(inner.client.http, fs.fs_args.get("headers") or {})
    ahead = _AHEAD.get(fs.protocol, _MOST_AHEAD)
    return WaitingStream(lambda: inner.open(path, "rb", block_size=ahead), start, patience)


class WaitingStream:
    """One object by a library that waits.

    Pieces grow as long as they come quickly, so that a slow line is not taken for a silent one.
    """

    def __init__(self, ask: Callable[[], Any], start: int, patience: Patience) -> None:
        self._patience, self._piece, self._skip = patience, _FIRST_PIECE, 0
        self._begun, self._count = patience.clock(), 0
        self._stream = patience.call(ask)
        if start:
            try:
                patience.call(lambda: self._stream.seek(start))
            except (ValueError, NotImplementedError):  # it can only be read from the beginning
                self._skip = start

    def readinto(self, view: memoryview) -> int:
        """Fill a buffer, at least in part; 0 at the end."""
        while self._skip:
            unwanted = len(self._read(self._skip))
            if not unwanted:
                return 0
            self._skip -= unwanted
        data = self._read(len(view))
        view[: len(data)] = data
        return len(data)

    def _read(self, most: int) -> bytes:
        count, since = min(most, self._piece), self._patience.clock()
        data: bytes = self._patience.call(lambda: self._stream.read(count))
        self._count += len(data)
        self._patience.check(self._begun, self._count)
        if self._patience.clock() - since < self._patience.silence / 10:
            self._piece = min(2 * self._piece, _MOST_AHEAD)
        return data

    def close(self) -> None:
        """Leave the rest; nobody waits for it, because its library may not know yet that there is nothing to wait for."""
        beside(self._stream.close)


def _keep_at_home(client: Any, ours: dict[str, str]) -> None:
    """Let a header with a password go to the server that it is for, and not to the one that it redirects to.

    The library does that with the usual header alone.
    """
    home = client.base_url.scheme, client.base_url.netloc

    def send(request: Any) -> None:
        if (request.url.scheme, request.url.netloc) != home:
            for name in ours:
                request.headers.pop(name, None)

    client.event_hooks = {**client.event_hooks, "request": [send]}


def _own(fs: Any, name: str) -> Any:
    """A method that a file system has of its own, and not from fsspec's unwritten defaults."""
    kinds = [kind for kind in type(fs).__mro__ if not kind.__module__.startswith("fsspec.")]
    return next((vars(kind)[name] for kind in kinds if name in vars(kind)), None)


def _sends_ranges(fs: Any) -> bool:
    """Whether a part of an object can be asked for; sshfs has the method, and sends the whole whatever it is asked."""
    method = _own(fs, "_cat_file")
    return method is not None and "start" in inspect.signature(method).parameters
