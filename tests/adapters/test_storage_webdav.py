"""WebDAV: each way to fail ends in time, in its own class; a cut line goes on; a password stays at home."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelmark.adapters.dvc import DvcStorage
from modelmark.adapters.object_cache import ObjectCache
from modelmark.domain.artifacts import Content
from modelmark.errors import Denied, Missing, StorageError, Unreachable
from tests.support.fault_server import FaultServer, fault_server

DATA = os.urandom(5 << 20)
MD5 = hashlib.md5(DATA).hexdigest()
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))
LISTING = b'[{"md5": "%s", "relpath": "model.bin"}]' % MD5.encode()
LISTED = hashlib.md5(LISTING).hexdigest() + ".dir"
SILENCE = 1.0
LOGINS = {
    "basic": "user = ada\n    password = secret",
    "token": "token = secret",
    "custom": "custom_auth_header = X-Token\n    password = secret",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultServer]:
    for oid, data in ((MD5, DATA), (LISTED, LISTING)):
        place = tmp_path / "served/store/files/md5" / oid[:2] / oid[2:]
        place.parent.mkdir(parents=True)
        place.write_bytes(data)
    with fault_server(tmp_path / "served") as made:
        yield made


def storage_of(server: FaultServer, folder: Path, patch: pytest.MonkeyPatch, login: str) -> DvcStorage:
    url, home = server.url.replace("http", "webdav") + "/store", folder / "dvc"
    home.mkdir()
    (home / "config").write_text(f"['remote \"store\"']\n    url = {url}\n    {LOGINS[login]}\n")
    patch.setenv("DVC_GLOBAL_CONFIG_DIR", str(home))
    return DvcStorage.at(url).within(SILENCE)


def bring(storage: DvcStorage, folder: Path) -> Content:
    cache = ObjectCache.open(folder / "cache")
    return cache.put(CONTENT, folder / "target", lambda start: storage.reading(MD5, len(DATA), start))


@pytest.mark.parametrize("login", LOGINS)
def test_an_object_and_a_listing_come_with_one_question_each(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    storage = storage_of(server, tmp_path, monkeypatch, login)
    assert [file.path for file in storage.listing(LISTED)] == ["model.bin"]
    assert bring(storage, tmp_path) == CONTENT
    assert (tmp_path / "target").read_bytes() == DATA
    assert len(server.requests) == 2


FAULTS: dict[str, type[StorageError]] = {
    "503": Unreachable,
    "403": Denied,
    "401": Denied,
    "404": Missing,
    "stalled": Unreachable,
    "stalled in the middle": Unreachable,
    "dripping": Unreachable,
    "truncated": Unreachable,
    "no http": Unreachable,
    "redirect for ever": Unreachable,
    "redirect to nowhere": Unreachable,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_ends_in_time_and_in_its_own_class(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    server.faults[""] = fault
    begun = time.monotonic()
    with pytest.raises(StorageError) as caught:
        bring(storage_of(server, tmp_path, monkeypatch, "basic"), tmp_path)
    assert type(caught.value) is FAULTS[fault]
    assert time.monotonic() - begun < 15 * SILENCE
    assert not (tmp_path / "target").exists()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("fault", ["truncated without length", "endless", "login page", "other bytes"])
def test_other_bytes_are_counted_and_hashed(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    server.faults[""] = fault
    found = bring(storage_of(server, tmp_path, monkeypatch, "basic"), tmp_path)
    assert found != CONTENT
    assert found.size <= len(DATA) + 1


@pytest.mark.parametrize("fault", ["", "without ranges"])
def test_a_killed_run_is_gone_on_with_by_ranges_or_from_the_start(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    server.faults[""] = fault
    cache = ObjectCache.open(tmp_path / "cache")
    (cache.folder / "partial" / CONTENT.sha256).write_bytes(DATA[:3_000_000])
    assert bring(storage_of(server, tmp_path, monkeypatch, "basic"), tmp_path) == CONTENT
    assert [headers.get("Range") for _, headers in server.requests] == ["bytes=3000000-"]


@pytest.mark.parametrize("login", LOGINS)
def test_a_redirect_to_another_server_is_followed_and_the_credentials_stay_at_home(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    with fault_server(tmp_path / "served") as other:
        server.elsewhere, server.faults[""] = other.url, "redirect"
        assert bring(storage_of(server, tmp_path, monkeypatch, login), tmp_path) == CONTENT
        assert len(other.requests) == 1
        sent = {name.lower() for name in other.requests[0][1]}
        assert not sent & {"authorization", "x-token"}
    assert {name.lower() for name in server.requests[0][1]} & {"authorization", "x-token"}
