"""Reads a safetensors header strictly: whatever two readers could understand differently is a problem."""

from __future__ import annotations

import json
import math
from typing import IO, Any

# Bits of one element. Those under a byte are counted in bits, and a tensor of them must fill whole bytes.
_BITS = {
    **dict.fromkeys(("F4",), 4),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"), 8),
    **dict.fromkeys(("F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("C64", "F64", "I64", "U64"), 64),
}
MAX_HEADER = 100_000_000  # what the format allows
_MAX_READ = 16 << 20  # what a header of 100,000 tensors needs; more would not fit into the memory we may use
_KEYS = {"dtype", "shape", "data_offsets"}
_MAX_DIMENSIONS = 32


class _Bad(ValueError):
    """What is wrong, as the end of a sentence that begins with the file."""


def is_safetensors(head: bytes, size: int) -> bool:
    """Whether a file begins like one: a length, and an object in JSON behind it."""
    return len(head) > 8 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= max(size, MAX_HEADER)


def read_safetensors(
    stream: IO[bytes], size: int
) -> tuple[dict[str, tuple[str, tuple[int, ...]]], tuple[str, ...]]:
    """Name to dtype and shape, and what is wrong; the tensors themselves are never read."""
    tensors: dict[str, tuple[str, tuple[int, ...]]] = {}
    try:
        length = int.from_bytes(stream.read(8), "little")
        _length(length, size)
        header = _parse(stream.read(length))
        places = []
        for name, entry in header.items():
            if name == "__metadata__":
                _metadata(entry)
            else:
                dtype, shape, begin, end = _tensor(name, entry)
                tensors[name] = (dtype, shape)
                places.append((begin, end))
        _places(places, size - 8 - length)
    except _Bad as problem:
        return tensors, (str(problem),)
    return tensors, ()


def _length(length: int, size: int) -> None:
    if length > size - 8:
        raise _Bad("says its header is longer than the file, so no program can read it")
    if length > MAX_HEADER:
        raise _Bad("has a header beyond the 100 MB that the format allows")
    if length > _MAX_READ:
        raise _Bad("has a header beyond 16 MiB, which is more than is read here")


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        header = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        if isinstance(error, _Bad):
            raise
        raise _Bad("has a header that is not JSON, so no program can read it") from None
    if not isinstance(header, dict):
        raise _Bad("has a header that is no JSON object")
    return header


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Bad("names a key of its header twice, so two programs may load two different models of it")
    return made


def _constant(_: str) -> None:
    raise _Bad("has a number in its header that JSON does not have")


def _metadata(entry: object) -> None:
    if not isinstance(entry, dict) or not all(isinstance(one, str) for one in entry.values()):
        raise _Bad("has metadata that are not texts")


def _tensor(name: str, entry: object) -> tuple[str, tuple[int, ...], int, int]:
    where = f"has the tensor {name[:80]!a}"
    if not isinstance(entry, dict) or set(entry) != _KEYS:
        raise _Bad(f"{where} without exactly a dtype, a shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in _BITS:
        raise _Bad(f"{where} of a dtype that is not known: {ascii(dtype)[:40]}")
    if not _sizes(shape) or len(shape) > _MAX_DIMENSIONS:
        raise _Bad(f"{where} with a shape that is no list of sizes")
    if not _sizes(offsets) or len(offsets) != 2:
        raise _Bad(f"{where} with offsets that are not two places")
    bits = math.prod(shape) * _BITS[dtype]
    if bits != (offsets[1] - offsets[0]) * 8:
        raise _Bad(f"{where} with another size than its dtype and shape make")
    return dtype, tuple(shape), offsets[0], offsets[1]


def _sizes(value: object) -> bool:
    return isinstance(value, list) and all(type(one) is int and 0 <= one < 1 << 63 for one in value)


def _places(places: list[tuple[int, int]], buffer: int) -> None:
    at = 0
    for begin, end in sorted(places):
        if begin != at:
            raise _Bad("has tensors that overlap, or bytes between them that belong to no tensor")
        at = end
    if at != buffer:
        raise _Bad("has bytes behind its last tensor" if at < buffer else "ends before its last tensor does")
