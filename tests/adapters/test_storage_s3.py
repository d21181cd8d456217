"""S3, as moto plays it on loopback: ranges, a cut run that goes on, and each error in its own class."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from modelmark.adapters.dvc import DvcStorage
from modelmark.adapters.object_cache import ObjectCache
from modelmark.domain.artifacts import Content
from modelmark.errors import Denied, Missing, Unreachable
from tests.support.git_servers import free_port

DATA = os.urandom(9_000_000)
MD5 = hashlib.md5(DATA).hexdigest()
CONTENT = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))
LISTING = b'[{"md5": "%s", "relpath": "model.bin"}]' % MD5.encode()
LISTED = hashlib.md5(LISTING).hexdigest() + ".dir"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        client = boto3.client("s3")
        client.create_bucket(Bucket="models")
        for oid, data in ((MD5, DATA), (LISTED, LISTING)):
            client.put_object(Bucket="models", Key=f"store/files/md5/{oid[:2]}/{oid[2:]}", Body=data)
        yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def _credentials(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)


def bring(storage: DvcStorage, folder: Path, md5: str = MD5, wanted: Content = CONTENT) -> Content:
    cache = ObjectCache.open(folder / "cache")
    return cache.put(wanted, folder / "target", lambda start: storage.reading(md5, wanted.size, start))


@pytest.mark.usefixtures("_credentials")
def test_an_object_and_a_listing_come_from_any_endpoint_with_the_users_credentials(tmp_path: Path) -> None:
    storage = DvcStorage.at("s3://models/store")
    assert [file.path for file in storage.listing(LISTED)] == ["model.bin"]
    assert bring(storage, tmp_path) == CONTENT
    assert (tmp_path / "target").read_bytes() == DATA


@pytest.mark.usefixtures("_credentials")
@pytest.mark.parametrize("have", [1, 4_000_000, len(DATA) - 1])
def test_a_killed_run_is_gone_on_with(tmp_path: Path, have: int) -> None:
    cache = ObjectCache.open(tmp_path / "cache")
    (cache.folder / "partial" / CONTENT.sha256).write_bytes(DATA[:have])
    assert bring(DvcStorage.at("s3://models/store"), tmp_path) == CONTENT


@pytest.mark.usefixtures("_credentials")
@pytest.mark.parametrize("size", [0, 7, 1 << 20, len(DATA) - 1, len(DATA) + 1, 12_000_000])
def test_an_object_of_another_size_is_seen(tmp_path: Path, size: int) -> None:
    found = bring(DvcStorage.at("s3://models/store"), tmp_path, wanted=Content(CONTENT.sha256, size))
    assert found.size == min(len(DATA), size + 1)
    assert not (tmp_path / "target").exists()


@pytest.mark.usefixtures("_credentials")
def test_an_object_that_is_not_there_is_missing_and_a_bucket_that_is_not_there_is_no_storage(
    tmp_path: Path,
) -> None:
    with pytest.raises(Missing, match="is not in the storage s3://models/store"):
        bring(DvcStorage.at("s3://models/store"), tmp_path, md5="0" * 32)
    with pytest.raises(Unreachable, match="s3://no-such-bucket/store does not exist"):
        bring(DvcStorage.at("s3://no-such-bucket/store"), tmp_path)


@pytest.mark.usefixtures("_credentials")
def test_without_credentials_it_is_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(Denied):
        bring(DvcStorage.at("s3://models/store").within(5), tmp_path, md5="1" * 32)


@pytest.mark.usefixtures("_credentials")
def test_an_endpoint_that_is_down_is_unreachable_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unreachable):
        bring(DvcStorage.at("s3://models/store").within(2), tmp_path)
