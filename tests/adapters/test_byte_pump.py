"""Bytes on their way: all of them, in order, to everybody, and no more than asked for."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from modelmark.adapters.byte_pump import CHUNK, pump, read_all, writer

MEGABYTE = 1 << 20


def in_pieces(data: bytes, size: int) -> Callable[[memoryview], int]:
    """A source that gives so much at a time, as a network does."""
    rest = [data[start : start + size] for start in range(0, len(data), size)]

    def read(view: memoryview) -> int:
        if not rest or not len(view):
            return 0
        piece, left = rest[0][: len(view)], rest[0][len(view) :]
        rest[:1] = [left] if left else []
        view[: len(piece)] = piece
        return len(piece)

    return read


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5])
@pytest.mark.parametrize("piece", [1000, CHUNK, 5 * CHUNK])
def test_everybody_gets_every_byte_in_order(size: int, piece: int) -> None:
    data = os.urandom(size)
    beside, here, alone = hashlib.sha256(), bytearray(), bytearray()
    assert pump(in_pieces(data, piece), beside.update, here.extend, size + 1) == size
    assert read_all(in_pieces(data, piece), alone.extend, size + 1) == size
    assert (bytes(here), bytes(alone), beside.digest()) == (data, data, hashlib.sha256(data).digest())


@pytest.mark.parametrize("limit", [1, 1000, CHUNK, 2 * CHUNK + 1])
def test_a_source_that_is_longer_is_read_to_the_limit(limit: int) -> None:
    data = os.urandom(3 * CHUNK)
    here, alone = bytearray(), bytearray()
    assert pump(in_pieces(data, 4000), lambda _: None, here.extend, limit) == limit
    assert read_all(in_pieces(data, 4000), alone.extend, limit) == limit
    assert bytes(here) == bytes(alone) == data[:limit]


@pytest.mark.parametrize("refuses", [False, True])
def test_the_disk_is_told_to_begin_with_what_was_written_and_may_refuse(
    refuses: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int, int]] = []

    def advise(descriptor: int, start: int, count: int, _: int) -> None:
        told.append((start, count, os.fstat(descriptor).st_size))
        if refuses:
            raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "posix_fadvise", advise)
    data, path = os.urandom(40 * MEGABYTE), tmp_path / "file"
    path.write_bytes(data[:MEGABYTE])
    with path.open("ab") as stream:
        write = writer(stream, MEGABYTE)
        for start in range(MEGABYTE, len(data), MEGABYTE):
            write(memoryview(data)[start : start + MEGABYTE])
    assert path.read_bytes() == data
    assert [(start // MEGABYTE, count // MEGABYTE) for start, count, _ in told] == [(1, 16), (17, 16)]
    assert all(start + count <= size for start, count, size in told), "it is there already"
