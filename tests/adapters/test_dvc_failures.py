"""Disks that are full, storage that is gone, denied or wrong, and servers that say anything."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from modelmark.adapters.dvc import DvcStorage
from modelmark.adapters.storage_errors import classify
from modelmark.errors import Corrupt, Denied, InvalidInput, Missing, StorageError, Unreachable
from tests.support.disks import small_disk
from tests.support.dvc_registry import ARTIFACTS, FILES, register


def test_a_full_cache_a_full_storage_and_a_full_target_are_named_and_leave_nothing(root: Path) -> None:
    with small_disk(root / ".dvc/cache", "1m") as disk:
        with pytest.raises(StorageError, match=r"no space left in .*/\.dvc/cache"):
            register(root)
        assert not [path for path in disk.rglob("*") if path.name.startswith(".")]
    with small_disk(root.parent / "storage", "1m") as disk:
        with pytest.raises(StorageError, match=r"no space left in the storage .*/storage"):
            register(root)
        assert not [path for path in disk.rglob("*") if path.name.startswith(".") or path.suffix == ".dir"]
    storage, stored = register(root)
    file = next(file for file in stored.files if file.path == "model.bin")
    with small_disk(root.parent / "target", "1m") as disk:
        with pytest.raises(StorageError, match=r"no space left in .*/target"):
            storage.fetch(file.md5, disk / "model.bin", file.size)
        assert not list(disk.iterdir())


def test_a_storage_folder_that_is_not_there_is_unreachable_not_empty(root: Path) -> None:
    storage, stored = register(root)
    (root.parent / "storage").rename(root.parent / "unmounted")
    for question in (
        lambda: storage.missing([stored.pointer.md5]),
        lambda: storage.listing(stored.pointer.md5),
        lambda: storage.fetch(stored.files[0].md5, root / "target", 1),
    ):
        with pytest.raises(Unreachable, match="mounted"):
            question()


def test_a_storage_that_denies_is_denied(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage, stored = register(root)

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # the tests may run as root, whom no mode denies
    with pytest.raises(Denied, match="Permission denied"):
        storage.listing(stored.pointer.md5)


def test_an_object_that_is_a_folder_or_a_fifo_is_corrupt(root: Path) -> None:
    storage, stored = register(root)
    for oid, make in ((stored.files[0].md5, os.mkdir), (stored.files[3].md5, os.mkfifo)):
        place = root.parent / "storage/files/md5" / oid[:2] / oid[2:]
        place.unlink()
        make(place)
        with pytest.raises(Corrupt):
            storage.fetch(oid, root / "target", 5)


def test_push_reports_an_object_of_another_size_and_leaves_it_alone(root: Path) -> None:
    storage, stored = register(root)
    oid = stored.files[-1].md5
    place = root.parent / "storage/files/md5" / oid[:2] / oid[2:]
    place.chmod(0o644)
    place.write_bytes(b"cut")
    with pytest.raises(Corrupt, match=oid):
        storage.push(stored)
    assert place.read_bytes() == b"cut"


def test_push_without_the_bytes_in_the_cache_uploads_nothing(root: Path) -> None:
    storage = DvcStorage.open(root, None)
    stored = storage.add(root / ARTIFACTS, list(FILES))
    shutil.rmtree(root / ".dvc/cache/files/md5" / stored.files[0].md5[:2])
    with pytest.raises(StorageError, match="lost object"):
        storage.push(stored)
    assert not (root.parent / "storage").exists()


def test_a_server_without_the_folder_that_was_named_takes_nothing_and_is_named(root: Path) -> None:
    class Gone:
        def add(self, *_: object, **__: object) -> None:
            raise FileNotFoundError(errno.ENOENT, "409 Conflict")

    storage, stored = register(root)
    assert storage._cache is not None
    remote = replace(storage._remote, location="webdav://example.org/reg", root=None, database=Gone())
    with pytest.raises(Unreachable, match=r"the storage webdav://example\.org/reg does not exist"):
        remote.upload(storage._cache, [stored.pointer.md5])


def test_only_hex_becomes_a_path_in_the_storage(root: Path) -> None:
    storage, _ = register(root)
    with pytest.raises(InvalidInput):
        storage.fetch("../../../etc/passwd", root / "target", 1)
    with pytest.raises(InvalidInput):
        storage.missing(["..", "0" * 32])


def test_an_error_that_no_storage_raises_stays_a_bug() -> None:
    assert classify(TypeError("ours"), "here", "it") is None


# HTTP


@contextmanager
def served(status: int, body: bytes = b"", *, length: bool = True) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            if length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/store"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def _no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dvc_http.HTTPFileSystem.SESSION_RETRIES", 1)


@pytest.mark.usefixtures("_no_retries")
@pytest.mark.parametrize(
    ("status", "error"), [(404, Missing), (403, Denied), (401, Denied), (503, Unreachable)]
)
def test_http_answers_are_kept_apart(tmp_path: Path, status: int, error: type[StorageError]) -> None:
    with served(status) as url:
        storage = DvcStorage.at(url)
        with pytest.raises(error):
            storage.fetch("0" * 32, tmp_path / "target", 5)
        if error is Missing:
            assert storage.missing(["0" * 32]) == {"0" * 32}
        else:
            with pytest.raises(error):
                storage.missing(["0" * 32])
    assert not (tmp_path / "target").exists()


@pytest.mark.usefixtures("_no_retries")
def test_a_server_that_is_down_is_unreachable(tmp_path: Path) -> None:
    with served(200) as url:
        pass
    with pytest.raises(Unreachable):
        DvcStorage.at(url).missing(["0" * 32])
    with pytest.raises(Unreachable):
        DvcStorage.at(url).fetch("0" * 32, tmp_path / "target", 5)


def test_http_bytes_are_hashed_and_a_login_page_or_half_a_body_is_corrupt(tmp_path: Path) -> None:
    body = os.urandom(3_000_000)
    with served(200, body, length=False) as url:
        storage = DvcStorage.at(url)
        assert storage.fetch("0" * 32, tmp_path / "a", len(body)) == hashlib.sha256(body).hexdigest()
        assert (tmp_path / "a").read_bytes() == body
        for size in (5, len(body) + 1):
            with pytest.raises(Corrupt):
                storage.fetch("0" * 32, tmp_path / "b", size)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("url", ["ftp://ada:s3cret@host/x", "https://ada:s3cret@[host/x?sig=s3cret"])
def test_an_address_that_cannot_be_used_is_said_without_its_password(url: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be used") as caught:
        DvcStorage.at(url)
    assert "s3cret" not in str(caught.value)
