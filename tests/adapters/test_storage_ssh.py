"""SSH, as a server on loopback plays it: from any byte on, each error in its own class, and never waited for too long."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelmark.adapters.dvc import DvcStorage
from modelmark.adapters.object_cache import ObjectCache
from modelmark.domain.artifacts import Content
from modelmark.errors import Denied, Missing, Unreachable
from tests.support.ssh_server import PASSWORD, SshServer, ssh_server

DATA = os.urandom(5 << 20)
MD5 = hashlib.md5(DATA).hexdigest()
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))
LISTING = b'[{"md5": "%s", "relpath": "model.bin"}]' % MD5.encode()
LISTED = hashlib.md5(LISTING).hexdigest() + ".dir"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    for oid, data in ((MD5, DATA), (LISTED, LISTING)):
        place = tmp_path / "store/files/md5" / oid[:2] / oid[2:]
        place.parent.mkdir(parents=True)
        place.write_bytes(data)
    with ssh_server() as made:
        yield made


def storage_of(
    port: int, folder: Path, monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD
) -> DvcStorage:
    """The storage, with the password that the user's own DVC configuration has for it."""
    url, home = f"ssh://ada@127.0.0.1:{port}{folder}/store", folder / "dvc"
    home.mkdir(exist_ok=True)
    (home / "config").write_text(f"['remote \"store\"']\n    url = {url}\n    password = {password}\n")
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(home))
    return DvcStorage.at(url).within(2)


def bring(storage: DvcStorage, folder: Path, md5: str = MD5, wanted: Content = CONTENT) -> Content:
    cache = ObjectCache.open(folder / "cache")
    return cache.put(wanted, folder / "target", lambda start: storage.reading(md5, wanted.size, start))


def test_an_object_of_several_pieces_and_a_listing_come_with_the_users_credentials(
    server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = storage_of(server.port, tmp_path, monkeypatch)
    assert [file.path for file in storage.listing(LISTED)] == ["model.bin"]
    assert bring(storage, tmp_path) == CONTENT
    assert (tmp_path / "target").read_bytes() == DATA


@pytest.mark.parametrize("have", [1, 3_000_000, len(DATA) - 1])
def test_a_killed_run_is_gone_on_with(
    server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, have: int
) -> None:
    cache = ObjectCache.open(tmp_path / "cache")
    (cache.folder / "partial" / CONTENT.sha256).write_bytes(DATA[:have])
    assert bring(storage_of(server.port, tmp_path, monkeypatch), tmp_path) == CONTENT


@pytest.mark.parametrize("size", [0, 7, 1 << 20, len(DATA) - 1, len(DATA) + 1])
def test_an_object_of_another_size_is_seen(
    server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    storage = storage_of(server.port, tmp_path, monkeypatch)
    found = bring(storage, tmp_path, wanted=Content(CONTENT.sha256, size))
    assert found.size == min(len(DATA), size + 1)
    assert not (tmp_path / "target").exists()


def test_what_is_not_there_is_missing_and_a_wrong_password_is_denied(
    server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Missing, match="is not in the storage ssh://127"):
        bring(storage_of(server.port, tmp_path, monkeypatch), tmp_path, md5="0" * 32)

    def nobody(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", nobody)
    monkeypatch.setattr("dvc_ssh.client.getpass", nobody, raising=False)
    with pytest.raises(Denied, match="it asks for a password, and nobody is here"):
        bring(storage_of(server.port, tmp_path, monkeypatch, "wrong"), tmp_path, md5="1" * 32)


def test_a_server_that_falls_silent_is_left_in_time(
    server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = storage_of(server.port, tmp_path, monkeypatch)
    storage.listing(LISTED)  # the connection is there
    server.silent.set()
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="silent for 2 s"):
        bring(storage, tmp_path)
    assert time.monotonic() - begun < 20


def test_a_server_that_never_says_hello_is_left_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        storage, begun = storage_of(silent.getsockname()[1], tmp_path, monkeypatch), time.monotonic()
        with pytest.raises(Unreachable, match="silent for 2 s"):
            bring(storage, tmp_path)
        assert time.monotonic() - begun < 20
