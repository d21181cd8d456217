"""Storages whose library waits: every step ends in time, from any byte on, and a header with a password stays at home."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from modelmark.adapters.object_opening import open_stream
from modelmark.adapters.object_streams import BlockStream, Patience
from modelmark.errors import CouldNot

DATA = os.urandom(3 << 20)
SILENCE = 0.5


class Body:
    """What a library opens; `wait` is called before each piece."""

    def __init__(self, data: bytes, wait: Callable[[], object] = bool, *, seeks: bool = True) -> None:
        self.data, self.wait, self.seeks = data, wait, seeks
        self.place, self.asked = 0, list[int]()
        self.closed = threading.Event()

    def seek(self, place: int) -> None:
        if not self.seeks:
            raise ValueError("server does not support ranges")
        self.place = place

    def read(self, count: int) -> bytes:
        self.asked.append(count)
        self.wait()
        self.place += count
        return self.data[self.place - count : self.place]

    def close(self) -> None:
        self.closed.set()


class Library:
    """A file system of fsspec's kind that knows no coroutines."""

    async_impl = False

    def __init__(self, body: Body, wait: Callable[[], object] = bool) -> None:
        self.body, self.wait = body, wait

    def open(self, path: str, mode: str, block_size: int | None = None) -> Body:
        self.wait()
        return self.body


def stream(library: Any, start: int = 0, protocol: str = "ssh", **options: Any) -> Any:
    fs = SimpleNamespace(fs=library, fs_args=options, protocol=protocol)
    return open_stream(fs, "store/object", start, None, Patience(SILENCE))


def read(opened: Any) -> bytes:
    found, view = bytearray(), memoryview(bytearray(1 << 20))
    while count := opened.readinto(view):
        found += view[:count]
    return bytes(found)


@pytest.mark.parametrize("seeks", [True, False])
@pytest.mark.parametrize("start", [0, 1, 2 << 20, len(DATA)])
def test_it_is_read_from_any_byte_on_though_the_library_cannot_seek(start: int, seeks: bool) -> None:
    body = Body(DATA, seeks=seeks)
    assert read(stream(Library(body), start)) == DATA[start:]


def test_pieces_begin_small_and_grow_as_long_as_they_come_quickly() -> None:
    quick, slow = Body(DATA), Body(DATA[: 1 << 18], lambda: time.sleep(SILENCE / 5))
    for body in (quick, slow):
        assert read(stream(Library(body))) == body.data
    assert quick.asked[:3] == [1 << 16, 1 << 17, 1 << 18]
    assert set(slow.asked) == {1 << 16}


def test_a_library_that_hangs_is_left_wherever_it_hangs() -> None:
    over = threading.Event()
    hangs = lambda: over.wait(60)  # noqa: E731 - said once
    with pytest.raises(TimeoutError):
        stream(Library(Body(DATA), wait=hangs))
    body = Body(DATA, hangs)
    opened = stream(Library(body))
    with pytest.raises(TimeoutError):
        read(opened)
    opened.close()
    assert body.closed.wait(10)
    over.set()


def test_a_connection_is_told_to_end_in_time_too_and_lends_out_no_keys() -> None:
    options: dict[str, Any] = {"timeout": 1800, "agent_forwarding": True}
    fs = SimpleNamespace(fs=Library(Body(DATA)), fs_args=options, protocol="ssh")
    open_stream(fs, "store/object", 0, None, Patience(SILENCE))
    assert options == {"timeout": SILENCE, "agent_forwarding": False}


class Whole(Library):
    """As sshfs: it has the method, and sends the whole object whatever it is asked for."""

    async_impl = True

    async def _cat_file(self, path: str, **kwargs: Any) -> bytes:
        return self.body.data


class Ranges(Library):
    async_impl = True

    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        return self.body.data[start:end]


def test_only_a_store_that_sends_ranges_is_asked_for_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BlockStream, "_ask", lambda _: None)
    made = SimpleNamespace(fs=Ranges(Body(DATA)), fs_args={}, protocol="gs")
    assert isinstance(open_stream(made, "store/object", 0, len(DATA), Patience(SILENCE)), BlockStream)
    assert read(stream(Whole(Body(DATA)))) == DATA


class WebDav(Library):
    def __init__(self, body: Body) -> None:
        super().__init__(body)
        url = SimpleNamespace(scheme="https", netloc=b"home.example")
        self.client = SimpleNamespace(http=SimpleNamespace(base_url=url, event_hooks={}))


@pytest.mark.parametrize(
    ("scheme", "host", "stays"),
    [("https", b"home.example", True), ("https", b"other.example", False), ("http", b"home.example", False)],
)
def test_a_redirect_to_another_server_takes_no_header_with_a_password_along(
    scheme: str, host: bytes, stays: bool
) -> None:
    library = WebDav(Body(DATA))
    stream(library, protocol="webdavs", headers={"X-Key": "secret"})
    (hook,) = library.client.http.event_hooks["request"]
    request = SimpleNamespace(
        url=SimpleNamespace(scheme=scheme, netloc=host), headers={"X-Key": "secret", "Accept": "*/*"}
    )
    hook(request)
    assert ("X-Key" in request.headers) == stays
    assert "Accept" in request.headers


def test_what_nobody_wants_any_more_is_not_waited_for() -> None:
    over, wanted = threading.Event(), threading.Event()
    wanted.set()
    fs = SimpleNamespace(fs=Library(Body(DATA, lambda: over.wait(60))), fs_args={}, protocol="ssh")
    opened = open_stream(fs, "store/object", 0, None, Patience(60, lambda: not wanted.is_set()))
    threading.Timer(0.2, wanted.clear).start()
    begun = time.monotonic()
    with pytest.raises(CouldNot, match="nobody waits"):
        read(opened)
    assert time.monotonic() - begun < 30
    over.set()
