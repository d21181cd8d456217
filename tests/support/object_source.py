"""Where the bytes of an object come from in a test: a line that can be cut."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from modelmark.adapters.object_cache import ObjectCache
from modelmark.domain.artifacts import Content
from modelmark.errors import Unreachable

SMALL = b"small" * 1000
LARGE = os.urandom(5 << 20)
Fill = Callable[[memoryview], int]


def content(data: bytes) -> Content:
    return Content(hashlib.sha256(data).hexdigest(), len(data))


class Source:
    """Bytes to fetch; breaks after `breaks` more bytes, once for each."""

    def __init__(self, data: bytes, *breaks: int) -> None:
        self.data, self.breaks = data, list(breaks)
        self.opened: list[int] = []

    def __call__(self, start: int) -> AbstractContextManager[Fill]:
        return self._open(start)

    @contextmanager
    def _open(self, start: int) -> Iterator[Fill]:
        self.opened.append(start)
        place, limit = start, start + self.breaks.pop(0) if self.breaks else len(self.data) + 1

        def fill(view: memoryview) -> int:
            nonlocal place
            if place >= limit:
                raise Unreachable("the line is cut")
            part = self.data[place : place + min(len(view), 100_000)]
            view[: len(part)] = part
            place += len(part)
            return len(part)

        yield fill


def parts(cache: ObjectCache) -> list[Path]:
    return list((cache.folder / "partial").iterdir())
