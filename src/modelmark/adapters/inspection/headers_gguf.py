"""Reads the header of a GGUF file: magic, version, counts, and every key and tensor entry up to the data."""

from __future__ import annotations

from typing import IO

_VERSIONS = (2, 3)
_MAX_ENTRIES = 1_000_000
_MAX_NAME = 1 << 16
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING, _ARRAY = 8, 9


class _Bad(ValueError):
    """What is wrong, as the end of a sentence that begins with the file."""


class _Reader:
    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream, self._left = stream, size

    def number(self, width: int) -> int:
        return int.from_bytes(self._take(width), "little")

    def name(self) -> None:
        length = self.number(8)
        if length > _MAX_NAME:
            raise _Bad("has a name of more than 64 KiB in its header")
        self._take(length)

    def skip(self, size: int) -> None:
        if size > self._left:
            raise _Bad("has a header that goes on behind the end of the file")
        self._left -= size
        self._stream.seek(size, 1)

    def _take(self, size: int) -> bytes:
        if size > self._left:
            raise _Bad("has a header that goes on behind the end of the file")
        self._left -= size
        return self._stream.read(size)


def read_gguf(stream: IO[bytes], size: int) -> tuple[str, ...]:
    """What is wrong with the header, or nothing."""
    reader = _Reader(stream, size)
    try:
        reader.skip(4)
        version = reader.number(4)
        if version not in _VERSIONS:
            raise _Bad(f"has the GGUF version {version}, and only 2 and 3 are known")
        tensors, pairs = reader.number(8), reader.number(8)
        if max(tensors, pairs) > _MAX_ENTRIES:
            raise _Bad("says it has more than a million tensors or keys")
        for _ in range(pairs):
            reader.name()
            _value(reader, reader.number(4))
        for _ in range(tensors):
            reader.name()
            dimensions = reader.number(4)
            if dimensions > 8:
                raise _Bad(f"has a tensor of {dimensions} dimensions")
            reader.skip(dimensions * 8 + 4 + 8)
    except _Bad as problem:
        return (str(problem),)
    return ()


def _value(reader: _Reader, kind: int) -> None:
    if kind == _STRING:
        reader.skip(reader.number(8))
    elif kind == _ARRAY:
        item, count = reader.number(4), reader.number(8)
        if item == _STRING:
            if count > _MAX_ENTRIES:
                raise _Bad("has a list of more than a million texts in its header")
            for _ in range(count):
                reader.skip(reader.number(8))
        elif item in _WIDTHS:
            reader.skip(_WIDTHS[item] * count)
        else:
            raise _Bad(f"has a list of a kind that is not known ({item})")
    elif kind in _WIDTHS:
        reader.skip(_WIDTHS[kind])
    else:
        raise _Bad(f"has a value of a kind that is not known ({kind})")
