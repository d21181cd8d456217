"""Streams of bytes at any depth: a file, a member of an archive, what a compressed file holds. Nothing is unpacked."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_MEMBERS = 20_000
MAX_RATIO = 200
_RATIO_FROM = 1 << 20
_PIECE = 1 << 16
HEAD = 4096


class Damaged(Exception):
    """What is wrong with an archive, as the end of a sentence that begins with the file."""


@dataclass(frozen=True)
class Source:
    """Bytes with a name; each `open` reads them from their beginning. The size is None where nobody knows it yet."""

    name: str
    open: Callable[[], IO[bytes]]
    size: int | None

    def head(self, size: int = HEAD) -> bytes:
        """The first bytes."""
        with self.open() as stream:
            return stream.read(size)


def zip_members(source: Source) -> Iterator[Source]:
    """The members of a zip archive.

    Raises:
        Damaged: two programs could read different members of it, or it unpacks to far more than it is.
    """
    try:
        archive = zipfile.ZipFile(source.open())
    except _BROKEN as error:
        raise Damaged(f"is a zip archive that cannot be read ({_words(error)})") from None
    members = archive.infolist()
    _bounded(len(members))
    if len({one.filename for one in members}) != len(members):
        raise Damaged("is a zip archive with two members of one name, so two programs read different ones")
    if min((one.header_offset for one in members), default=0) > 0:
        raise Damaged("is a zip archive with other bytes in front, so it is two things at once")
    for one in members:
        if one.is_dir():
            continue
        if one.flag_bits & 1:
            raise Damaged("is a zip archive with encrypted members, which nobody can look into")
        _not_a_bomb(one.file_size, one.compress_size)
        yield Source(one.filename, _member(archive, one), one.file_size)


def tar_members(source: Source) -> Iterator[Source]:
    """The regular files of a tar archive.

    Raises:
        Damaged: it cannot be read, or has links or devices.
    """
    try:
        with source.open() as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            for count, one in enumerate(archive, 1):
                _bounded(count)
                if one.isdir():
                    continue
                if not one.isreg():
                    raise Damaged(
                        "is a tar archive with links or devices, which may write outside its folder"
                    )
                yield Source(one.name, _slice(source, one.offset_data, one.size), one.size)
    except _BROKEN as error:
        raise Damaged(f"is a tar archive that cannot be read ({_words(error)})") from None


def decompressed(source: Source) -> Source | None:
    """What a compressed file holds; None where the bytes are of no kind that can be opened here."""
    head = source.head(6)
    for magic, opener in _OPENERS:
        if head.startswith(magic):
            return Source(_inner_name(source.name), _through(source, opener), None)
    return None


def measured(source: Source) -> int:
    """The size of a source that does not say it, by reading it to its end."""
    size = 0
    with source.open() as stream:
        while data := stream.read(_PIECE):
            size += len(data)
    return size


def guarded(error: Exception) -> bool:
    """Whether an error says that an archive is broken, and not that we are."""
    return isinstance(error, _BROKEN)


def ends_as_zip(source: Source) -> bool:
    """Whether a program that looks for a zip archive from the end, as they do, finds one."""
    with source.open() as stream:
        return stream.seekable() and zipfile.is_zipfile(stream)


_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    UnicodeError,
)


class _Inflating(io.RawIOBase):
    """Reads a zlib stream forwards; the standard library opens every other kind."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._engine, self._ready = stream, zlib.decompressobj(), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and not self._engine.eof:
            raw = self._engine.unconsumed_tail or self._stream.read(_PIECE)
            if not raw:
                break
            self._ready = self._engine.decompress(raw, _PIECE)
        data, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


class _Part(io.RawIOBase):
    """A range of a stream, as if it were a file."""

    def __init__(self, stream: IO[bytes], begin: int, size: int) -> None:
        self._stream, self._begin, self._size, self._at = stream, begin, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def readinto(self, buffer: Any) -> int:
        self._stream.seek(self._begin + self._at)
        data = self._stream.read(max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _inflate(stream: IO[bytes]) -> IO[bytes]:
    return io.BufferedReader(_Inflating(stream))


def _gunzip(stream: IO[bytes]) -> IO[bytes]:
    return gzip.GzipFile(fileobj=stream, mode="rb")  # type: ignore[return-value]


_OPENERS: tuple[tuple[bytes, Callable[[IO[bytes]], IO[bytes]]], ...] = (
    (b"\x1f\x8b", _gunzip),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\0", lzma.LZMAFile),
    (b"\x5d\0\0", lzma.LZMAFile),
    *((bytes([0x78, level]), _inflate) for level in (0x01, 0x5E, 0x9C, 0xDA)),
)


def _through(source: Source, opener: Callable[[IO[bytes]], IO[bytes]]) -> Callable[[], IO[bytes]]:
    return lambda: opener(source.open())


def _member(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(one)


def _slice(source: Source, begin: int, size: int) -> Callable[[], IO[bytes]]:
    return lambda: io.BufferedReader(_Part(source.open(), begin, size))


def behind(source: Source, begin: int) -> Callable[[], IO[bytes]]:
    """Opens a source at a place in it."""

    def opener() -> IO[bytes]:
        stream = source.open()
        stream.seek(begin)
        return stream

    return opener


def _inner_name(name: str) -> str:
    """What the content of a compressed file would be called: its own name without the last suffix."""
    return name.rsplit("/", 1)[-1].rpartition(".")[0] or "content"


def _bounded(count: int) -> None:
    if count > MAX_MEMBERS:
        raise Damaged(f"is an archive of more than {MAX_MEMBERS:,} members")


def _not_a_bomb(size: int, packed: int) -> None:
    if size > _RATIO_FROM and size > MAX_RATIO * max(packed, 1):
        raise Damaged(f"is a zip archive that unpacks to more than {MAX_RATIO} times its size: a bomb")


def _words(error: Exception) -> str:
    return ascii(str(error) or type(error).__name__)[:100]
