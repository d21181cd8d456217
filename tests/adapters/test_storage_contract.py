"""What every storage does: one suite for the fake and the real one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from modelmark.adapters.dvc import DvcStorage
from modelmark.adapters.dvc_files import init_workspace
from modelmark.domain.artifacts import ListedFile, Stored
from modelmark.errors import Corrupt, InvalidInput, Missing, StorageError
from modelmark.usecases.ports import Storage
from tests.support.fake_storage import FakeStorage

FILES = {
    "model.bin": b"\x00" * 3_000_000 + b"end",
    "config/a.json": b"{}\r\n",
    "config/b.json": b"{}\r\n",
    "empty": b"",
}


@dataclass(frozen=True)
class Bench:
    storage: Storage
    source: Path
    lose: Callable[[str], object]
    replace: Callable[[str, bytes], object]
    target: Path

    def pushed(self) -> Stored:
        stored = self.storage.add(self.source, list(FILES))
        self.storage.push(stored)
        return stored


@pytest.fixture(params=["fake", "dvc"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    source = tmp_path / "source"
    for path, data in FILES.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(data)
    if request.param == "fake":
        fake = FakeStorage()
        return Bench(fake, source, fake.remote.pop, fake.remote.__setitem__, tmp_path / "target")
    root = tmp_path / "registry"
    (root / ".dvc").mkdir(parents=True)
    for path, data in init_workspace(root, "store", "storage").items():
        (root / path).write_bytes(data)

    def place(md5: str) -> Path:
        return root / "storage" / "files" / "md5" / md5[:2] / md5[2:]

    def replace(md5: str, data: bytes) -> None:
        place(md5).unlink()
        place(md5).write_bytes(data)
        place(md5).chmod(0o444)  # which makes DVC believe it

    return Bench(
        DvcStorage.open(root, None), source, lambda md5: place(md5).unlink(), replace, tmp_path / "target"
    )


def test_what_was_added_says_size_and_both_hashes_of_every_file(bench: Bench) -> None:
    stored = bench.storage.add(bench.source, list(FILES))
    assert [(file.path, file.size, file.sha256, file.md5) for file in stored.files] == [
        (path, len(data), hashlib.sha256(data).hexdigest(), hashlib.md5(data).hexdigest())
        for path, data in sorted(FILES.items())
    ]
    assert (stored.pointer.size, stored.pointer.nfiles) == (sum(map(len, FILES.values())), len(FILES))


def test_what_was_pushed_comes_back(bench: Bench) -> None:
    for file in bench.pushed().files:
        target = bench.target.with_name(file.md5 + file.path.replace("/", "-"))
        assert bench.storage.fetch(file.md5, target, file.size) == file.sha256
        assert target.read_bytes() == FILES[file.path]


def test_the_listing_names_every_file(bench: Bench) -> None:
    stored = bench.pushed()
    assert bench.storage.listing(stored.pointer.md5) == tuple(ListedFile(f.path, f.md5) for f in stored.files)


def test_nothing_is_pushed_twice(bench: Bench) -> None:
    stored = bench.storage.add(bench.source, list(FILES))
    assert bench.storage.push(stored) == len({file.md5 for file in stored.files}) + 1
    assert bench.storage.push(stored) == 0


def test_missing_names_what_is_not_there(bench: Bench) -> None:
    stored = bench.pushed()
    ids = [file.md5 for file in stored.files] + [stored.pointer.md5]
    assert bench.storage.missing([*ids, "0" * 32, "1" * 32 + ".dir"]) == {"0" * 32, "1" * 32 + ".dir"}


def test_a_file_that_the_storage_lost_behind_its_listing_is_pushed_again(bench: Bench) -> None:
    stored = bench.pushed()
    bench.lose(stored.files[-1].md5)
    assert bench.storage.missing([file.md5 for file in stored.files]) == {stored.files[-1].md5}
    assert bench.storage.push(stored) == 1
    assert not bench.storage.missing([file.md5 for file in stored.files])


def test_a_lost_object_is_missing_and_leaves_no_file(bench: Bench) -> None:
    stored = bench.pushed()
    bench.lose(stored.files[-1].md5)
    bench.lose(stored.pointer.md5)
    with pytest.raises(Missing):
        bench.storage.fetch(stored.files[-1].md5, bench.target, stored.files[-1].size)
    with pytest.raises(Missing):
        bench.storage.listing(stored.pointer.md5)
    assert not bench.target.exists()


@pytest.mark.parametrize(
    "data", [b"", b"short", FILES["model.bin"] + b"!"], ids=["empty", "shorter", "longer"]
)
def test_an_object_of_another_length_is_corrupt_and_leaves_no_file(bench: Bench, data: bytes) -> None:
    file = bench.pushed().files[-1]
    bench.replace(file.md5, data)
    with pytest.raises(Corrupt):
        bench.storage.fetch(file.md5, bench.target, file.size)
    assert not bench.target.exists()


def test_other_bytes_of_the_same_length_give_another_sha256(bench: Bench) -> None:
    file = bench.pushed().files[-1]
    bench.replace(file.md5, b"x" * file.size)
    assert (
        bench.storage.fetch(file.md5, bench.target, file.size) == hashlib.sha256(b"x" * file.size).hexdigest()
    )


def test_a_listing_with_other_bytes_is_corrupt(bench: Bench) -> None:
    stored = bench.pushed()
    bench.replace(stored.pointer.md5, b"[]")
    with pytest.raises(Corrupt):
        bench.storage.listing(stored.pointer.md5)


def test_a_target_that_exists_is_left_as_it_is(bench: Bench) -> None:
    file = bench.pushed().files[0]
    bench.target.write_bytes(b"mine")
    with pytest.raises(StorageError):
        bench.storage.fetch(file.md5, bench.target, file.size)
    assert bench.target.read_bytes() == b"mine"


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "absent.bin", "config"])
def test_a_path_that_is_no_file_below_the_source_is_refused(bench: Bench, path: str) -> None:
    with pytest.raises(InvalidInput):
        bench.storage.add(bench.source, [path])


def test_a_link_is_refused(bench: Bench) -> None:
    (bench.source / "link").symlink_to("empty")
    with pytest.raises(InvalidInput, match="link"):
        bench.storage.add(bench.source, ["link"])
