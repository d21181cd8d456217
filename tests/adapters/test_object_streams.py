"""Storages far away: each way to fail ends in time, in its own class; a cut line goes on; a password stays at home."""

from __future__ import annotations

import asyncio
import base64
import gc
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from modelmark.adapters.dvc import DvcStorage
from modelmark.adapters.object_cache import ObjectCache
from modelmark.adapters.object_opening import open_stream
from modelmark.adapters.object_streams import BlockStream, Patience
from modelmark.domain.artifacts import Content
from modelmark.errors import Corrupt, Denied, Missing, StorageError, Unreachable
from tests.support.fault_server import FaultServer, fault_server

DATA = os.urandom(5 << 20)
MD5 = hashlib.md5(DATA).hexdigest()
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))
SILENCE = 1.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultServer]:
    place = tmp_path / "served" / "store" / "files" / "md5" / MD5[:2] / MD5[2:]
    place.parent.mkdir(parents=True)
    place.write_bytes(DATA)
    with fault_server(tmp_path / "served") as made:
        yield made


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dvc_http.HTTPFileSystem.SESSION_RETRIES", 2)


def storage_at(url: str) -> DvcStorage:
    return DvcStorage.at(url).within(SILENCE)


def bring(storage: DvcStorage, folder: Path, size: int = len(DATA)) -> Content:
    """What `pull` does with one file."""
    cache, target = ObjectCache.open(folder / "cache"), folder / "target"
    wanted = Content(CONTENT.sha256, size)
    try:
        return cache.put(wanted, target, lambda start: storage.reading(MD5, size, start))
    finally:
        if target.exists():
            assert target.read_bytes() == DATA


FAULTS: dict[str, type[StorageError]] = {
    "500": Unreachable,
    "502": Unreachable,
    "503": Unreachable,
    "429": Unreachable,
    "403": Denied,
    "401": Denied,
    "407": Denied,
    "404": Missing,
    "410": Missing,
    "stalled": Unreachable,
    "stalled in the middle": Unreachable,
    "dripping": Unreachable,
    "truncated": Unreachable,
    "hanging up": Unreachable,
    "no http": Unreachable,
    "redirect for ever": Unreachable,
    "redirect to nowhere": Unreachable,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_ends_in_time_and_in_its_own_class(
    server: FaultServer, tmp_path: Path, fault: str
) -> None:
    server.faults[""] = fault
    begun = time.monotonic()
    with pytest.raises(StorageError) as caught:
        bring(storage_at(f"{server.url}/store"), tmp_path)
    assert type(caught.value) is FAULTS[fault]
    assert time.monotonic() - begun < 15 * SILENCE
    assert not (tmp_path / "target").exists()
    assert server.url.partition("//")[2] in caught.value.message


@pytest.mark.parametrize("fault", ["truncated without length", "endless", "login page", "other bytes"])
def test_other_bytes_are_counted_and_hashed_and_no_more_is_read_than_proves_it(
    server: FaultServer, tmp_path: Path, fault: str
) -> None:
    server.faults[""] = fault
    found = bring(storage_at(f"{server.url}/store"), tmp_path)
    assert found != CONTENT
    assert found.size <= len(DATA) + 1
    assert not (tmp_path / "target").exists()
    assert list((tmp_path / "cache/partial").iterdir()) == []


@pytest.mark.parametrize("fault", ["endless", "login page", "truncated without length"])
def test_a_listing_that_is_none_is_corrupt(
    server: FaultServer, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelmark.adapters.dvc._LISTING_LIMIT", 1 << 20)
    oid = f"{'0' * 32}.dir"
    place = server.folder / "store/files/md5/00" / oid[2:]
    place.parent.mkdir()
    place.write_bytes(b"[]" * 1000)
    server.faults[""] = fault
    with pytest.raises(Corrupt):
        storage_at(f"{server.url}/store").listing(oid)


def test_a_server_that_is_not_there_is_unreachable(server: FaultServer, tmp_path: Path) -> None:
    url = server.url
    server.server_close()
    with pytest.raises(Unreachable):
        bring(storage_at(f"{url}/store"), tmp_path)


def test_a_line_that_is_cut_again_and_again_goes_on_where_it_was(server: FaultServer, tmp_path: Path) -> None:
    server.faults[""] = "cut often"
    assert bring(storage_at(f"{server.url}/store"), tmp_path) == CONTENT
    starts = [int(headers.get("Range", "bytes=0-")[6:-1]) for _, headers in server.requests]
    assert starts == sorted(set(starts))
    assert len(starts) > 1


@pytest.mark.parametrize("fault", ["", "without ranges"])
def test_a_killed_run_is_gone_on_with_by_ranges_or_from_the_start(
    server: FaultServer, tmp_path: Path, fault: str
) -> None:
    server.faults[""] = fault
    cache = ObjectCache.open(tmp_path / "cache")
    (cache.folder / "partial" / CONTENT.sha256).write_bytes(DATA[:3_000_000])
    assert bring(storage_at(f"{server.url}/store"), tmp_path) == CONTENT
    assert [headers.get("Range") for _, headers in server.requests] == ["bytes=3000000-"]


# --- credentials --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("auth", ["basic", "custom"])
def test_a_redirect_to_another_server_is_followed_and_the_credentials_stay_at_home(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auth: str
) -> None:
    own = {
        "basic": "user = ada\n    password = secret",
        "custom": "custom_auth_header = X-Token\n    password = secret",
    }
    home = tmp_path / "dvc"
    home.mkdir()
    with fault_server(tmp_path / "served") as other:
        # Another name of this machine is another server: `localhost` and 127.0.0.1 are different origins.
        server.elsewhere, server.faults[""] = other.url, "redirect"
        (home / "config").write_text(
            f"['remote \"store\"']\n    url = {server.url}/store\n    auth = {auth}\n    {own[auth]}\n"
        )
        monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(home))
        assert bring(storage_at(f"{server.url}/store"), tmp_path) == CONTENT
        sent = {key.lower(): value for _, headers in server.requests for key, value in headers.items()}
        expected = f"Basic {base64.b64encode(b'ada:secret').decode()}" if auth == "basic" else "secret"
        assert sent["authorization" if auth == "basic" else "x-token"] == expected
        assert len(other.requests) == 1
        assert "secret" not in str(other.requests).lower()
        assert "authorization" not in str(other.requests).lower()


def test_a_redirect_to_another_server_that_fails_leaves_no_connection_behind(
    server: FaultServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with fault_server(tmp_path / "elsewhere") as other:
        server.elsewhere, server.faults[""] = other.url, "redirect"
        with suppress(Missing):  # whose traceback would hold on to all of it
            bring(storage_at(f"{server.url}/store"), tmp_path)
    gc.collect()
    assert "not closed" not in caplog.text


def test_a_redirect_within_the_server_keeps_the_login(server: FaultServer, tmp_path: Path) -> None:
    server.elsewhere = f"{server.url}/store/../../.."
    (tmp_path / "served/moved").symlink_to(tmp_path / "served")
    server.elsewhere, server.faults["store"] = f"{server.url}/moved", "redirect"
    assert bring(storage_at(f"{server.url}/store"), tmp_path) == CONTENT


# --- patience -----------------------------------------------------------------------------------------------------


def test_an_average_that_is_too_low_ends_it_only_after_the_first_seconds() -> None:
    now = [0.0]
    patience = Patience(60.0, rate=1000, clock=lambda: now[0])
    begun = now[0]
    now[0] = 59.0
    patience.check(begun, 0)
    now[0] = 70.0
    patience.check(begun, 10_000)
    with pytest.raises(TimeoutError, match="9999 bytes in 70 s"):
        patience.check(begun, 9_999)


# --- stores that send ranges --------------------------------------------------------------------------------------


class Store:
    """A store with fsspec's manners: `_cat_file` on a loop of its own; 416 behind the last byte."""

    def __init__(self, data: bytes, *, past: str = "InvalidRange", more: bytes = b"") -> None:
        self.data, self.past, self.more = data, past, more
        self.asked: list[tuple[int, int]] = []
        self.silent = False
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    protocol, async_impl, fs_args = "gs", True, dict[str, object]()

    @property
    def fs(self) -> Store:
        return self

    async def _info(self, path: str) -> dict[str, int]:
        await asyncio.sleep(60 if self.silent else 0)
        return {"size": len(self.data)}

    async def _cat_file(self, path: str, start: int, end: int) -> bytes:
        self.asked.append((start, end))
        if self.silent:
            await asyncio.sleep(60)
        if start >= len(self.data):
            cause = OSError()
            cause.response = {"Error": {"Code": self.past}}  # type: ignore[attr-defined]
            raise OSError(5, "range") from cause
        return self.data[start:end] + self.more


def read(stream: BlockStream, limit: int = 50_000_000) -> bytes:
    found, view = bytearray(), memoryview(bytearray(300_000))
    while len(found) < limit and (count := stream.readinto(view)):
        found += view[:count]
    return bytes(found)


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20, 5_000_000])
@pytest.mark.parametrize("start", [0, 1, 1 << 20])
def test_blocks_come_to_the_object_from_any_byte_on(size: int, start: int) -> None:
    data = os.urandom(size)
    start = min(start, size)
    store = Store(data)
    assert read(BlockStream(store, "x", start, size + 1, Patience(SILENCE))) == data[start:]
    assert all(begin < max(size, 1) or begin == start for begin, _ in store.asked), "never asked for nothing"


def test_an_object_that_is_longer_or_shorter_is_read_as_far_as_it_proves_it() -> None:
    for there in (0, 1 << 20, (1 << 20) + 7, 3 << 20):
        stream = BlockStream(Store(os.urandom(there)), "x", 0, (2 << 20) + 1, Patience(SILENCE))
        assert len(read(stream)) == min(there, (2 << 20) + 1)


def test_a_store_that_ignores_ranges_is_not_read_into_memory_twice() -> None:
    with pytest.raises(Corrupt, match="more than it was asked for"):
        read(BlockStream(Store(DATA, more=b"x"), "x", 0, len(DATA) + 1, Patience(SILENCE)))


def test_another_error_than_the_end_passes() -> None:
    with pytest.raises(OSError, match="range"):
        read(BlockStream(Store(b"", past="SlowDown"), "x", 0, 10, Patience(SILENCE)))


def test_a_silent_store_ends_it() -> None:
    store = Store(DATA)
    store.silent = True
    with pytest.raises(TimeoutError, match="silent for"):
        read(BlockStream(store, "x", 0, len(DATA) + 1, Patience(0.1)))
    with pytest.raises(TimeoutError, match="silent for"):
        open_stream(store, "x", 0, None, Patience(0.1))


def test_an_object_of_unknown_size_is_asked_for_its_size() -> None:
    assert read(open_stream(Store(DATA), "x", 0, None, Patience(SILENCE))) == DATA
