"""A storage that is a folder on this machine: shared where that is safe or asked for, and read before it is believed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelmark.adapters import file_links
from modelmark.adapters.dvc import DvcStorage
from modelmark.adapters.object_cache import ObjectCache
from modelmark.domain.artifacts import Nearby
from tests.support.dvc_registry import register
from tests.support.object_source import LARGE, SMALL, Source, content


@pytest.fixture(params=[SMALL, LARGE], ids=["small", "large"])
def data(request: pytest.FixtureRequest) -> bytes:
    found: bytes = request.param
    return found


@pytest.fixture
def near(tmp_path: Path, data: bytes) -> Path:
    place = tmp_path / "stored"
    place.write_bytes(data)
    place.chmod(0o444)
    return place


def put(folder: Path, data: bytes, near: Nearby) -> list[int]:
    """Where the source was opened, if it was."""
    source = Source(data)
    assert ObjectCache.open(folder / "cache").put(content(data), folder / "one", source, near) == content(
        data
    )
    assert (folder / "one").read_bytes() == data
    return source.opened


def test_it_is_linked_only_where_the_user_lets_dvc_link(tmp_path: Path, near: Path, data: bytes) -> None:
    file_links._UNABLE.add(near.stat().st_dev)  # what ext4 says
    assert put(tmp_path, data, Nearby(near, hard=True)) == []
    assert (tmp_path / "one").samefile(near)
    (tmp_path / "one").unlink()
    assert put(tmp_path, data, Nearby(near)) == [0]
    assert not (tmp_path / "one").samefile(near)


@pytest.mark.parametrize("mode", [0o666, 0o464, 0o446])
def test_what_others_can_write_is_not_linked(tmp_path: Path, near: Path, data: bytes, mode: int) -> None:
    near.chmod(mode)
    put(tmp_path, data, Nearby(near, hard=True))
    assert not (tmp_path / "one").samefile(near)


@pytest.mark.parametrize("kind", ["other bytes", "another size", "a link", "a folder", "a pipe", "nothing"])
def test_what_is_not_right_is_left_to_whoever_reads_it(
    tmp_path: Path, near: Path, data: bytes, kind: str
) -> None:
    near.rename(tmp_path / "aside")
    if kind == "other bytes":
        near.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        near.chmod(0o444)
    elif kind == "another size":
        near.write_bytes(data + b"!")
    elif kind == "a link":
        near.symlink_to(tmp_path / "aside")
    elif kind == "a folder":
        near.mkdir()
    elif kind == "a pipe":
        os.mkfifo(near)
    assert put(tmp_path, data, Nearby(near, hard=True)) == [0]


def test_a_clone_is_taken_and_read_where_the_file_system_can(
    tmp_path: Path, near: Path, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = [data[:-1] + bytes([data[-1] ^ 1]), data]

    def clone(_: int, target: Path) -> bool:
        target.write_bytes(came.pop(0))
        return True

    monkeypatch.setattr(file_links, "_UNABLE", set[int]())
    monkeypatch.setattr(file_links, "clone_file", clone)
    cache, source = ObjectCache.open(tmp_path / "cache"), Source(data)
    assert not file_links.take_nearby(Nearby(near), content(data), tmp_path / "changed-meanwhile")
    assert not (tmp_path / "changed-meanwhile").exists()
    assert cache.put(content(data), tmp_path / "one", source, Nearby(near)) == content(data)
    assert source.opened == []


def test_the_users_dvc_configuration_says_whether_files_may_be_linked(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    storage, stored = register(root)
    found = storage.near(stored.files[0].md5)
    assert found is not None
    assert (found.hard, found.path.read_bytes()) == (False, b"names")
    (root / ".dvc/config.local").write_text("[cache]\n    type = reflink,hardlink,copy\n")
    linked = DvcStorage.open(root, None).near(stored.files[0].md5)
    assert linked is not None
    assert linked.hard
    assert DvcStorage.at("https://example.org/store").near("0" * 32) is None
