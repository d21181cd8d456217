"""Makes real files of the formats that models come in, good and hostile, so that no example is committed.

Every function returns bytes, so that a test writes them under any name, into any archive, or cut short.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import joblib
import numpy as np

# safetensors -------------------------------------------------------------------------------------------------------


def safetensors(tensors: Mapping[str, Sequence[int]] | None = None, metadata: object = None) -> bytes:
    """Tensors of float32 zeros by their shapes."""
    header: dict[str, Any] = {} if metadata is None else {"__metadata__": metadata}
    at = 0
    for name, shape in (tensors or {"classifier.weight": (2, 4), "classifier.bias": (2,)}).items():
        size = 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    return safetensors_of(json.dumps(header), bytes(at))


def safetensors_of(header: str, data: bytes) -> bytes:
    """A file with any header, right or wrong."""
    raw = header.encode()
    return struct.pack("<Q", len(raw)) + raw + data


# ONNX --------------------------------------------------------------------------------------------------------------


def field(number: int, value: int | str | bytes) -> bytes:
    """One field of a protocol buffer: a number as varint, else length and bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def varint(value: int) -> bytes:
    """A number of a protocol buffer."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def onnx_tensor(name: str, shape: Sequence[int], location: str = "") -> bytes:
    """An initialiser of floats: zeros in the file, or weights at a location outside of it."""
    said = b"".join(field(1, size) for size in shape) + field(2, 1) + field(8, name)
    if location:
        entry = field(1, "location") + field(2, location)
        return said + field(13, entry) + field(14, 1)
    return said + field(9, bytes(4 * int(np.prod(shape))))


def onnx(
    tensors: Mapping[str, Sequence[int]] | None = None,
    outputs: Mapping[str, Sequence[int | str]] | None = None,
    location: str = "",
    hidden_location: str = "",
) -> bytes:
    """A model; a size of an output that is a text is a named one. `hidden_location` is one in a constant of a node."""
    graph = field(2, "main")
    for name, shape in (tensors or {"weight": (2, 4)}).items():
        graph += field(5, onnx_tensor(name, shape, location))
    if hidden_location:
        attribute = field(1, "value") + field(5, onnx_tensor("c", (1,), hidden_location))
        graph += field(1, field(4, "Constant") + field(5, attribute))
    for name, sizes in (outputs or {"logits": ("batch", 2)}).items():
        shape = b"".join(field(1, field(2 if isinstance(one, str) else 1, one)) for one in sizes)
        graph += field(12, field(1, name) + field(2, field(1, field(1, 1) + field(2, shape))))
    opset = field(2, 17)
    return field(1, 8) + field(2, "tests") + field(7, graph) + field(8, opset)


# GGUF --------------------------------------------------------------------------------------------------------------


def gguf(version: int = 3, tensors: int = 1, pairs: int = 1) -> bytes:
    """A header with one key and one tensor, whatever counts it claims."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    key = text("general.architecture") + struct.pack("<I", 8) + text("llama")
    tensor = text("token_embd.weight") + struct.pack("<IQQIQ", 2, 4, 2, 0, 0)
    return b"GGUF" + struct.pack("<IQQ", version, tensors, pairs) + key + tensor + bytes(64)


# pickles -----------------------------------------------------------------------------------------------------------


class Hostile:
    """Calls `os.system` when it is loaded."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("echo pwned",)


def hostile_pickle(protocol: int = 4) -> bytes:
    """A pickle that runs a program when it is loaded."""
    return pickle.dumps(Hostile(), protocol)


def plain_pickle(protocol: int = 4) -> bytes:
    """A pickle of values alone."""
    return pickle.dumps({"labels": ["no", "yes"], "scale": 0.5}, protocol)


def ordered_pickle() -> bytes:
    """A pickle that names one harmless class."""
    return pickle.dumps(OrderedDict(a=1, b=[2, 3]))


def estimator_pickle() -> bytes:
    """A pickle that names a class of a library, as those of scikit-learn do."""
    return b"\x80\x02csklearn.linear_model\nLogisticRegression\n)\x81}X\x01\0\0\0CK\x01sb."


def global_pickle(name: str) -> bytes:
    """A pickle that calls any `module name` without arguments."""
    module, attribute = name.split(" ")
    return f"c{module}\n{attribute}\n)R.".encode()


def joblib_file(value: object, compress: int = 0) -> bytes:
    """What joblib writes."""
    out = io.BytesIO()
    joblib.dump(value, out, compress=compress)
    return out.getvalue()


# NumPy, torch, archives --------------------------------------------------------------------------------------------


def npy(value: object) -> bytes:
    """A file of one array; of objects where the value needs them."""
    out = io.BytesIO()
    np.save(out, np.asarray(value), allow_pickle=True)
    return out.getvalue()


def object_npy(pickled: bytes) -> bytes:
    """An array of objects whose pickle is given."""
    whole = npy(np.array([None], dtype=object))
    return whole[: whole.index(b"\n") + 1] + pickled


def npz(**arrays: object) -> bytes:
    """A file of several arrays."""
    out = io.BytesIO()
    np.savez(out, **{name: np.asarray(value) for name, value in arrays.items()})  # type: ignore[arg-type]
    return out.getvalue()


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def torch_zip(pickled: bytes | None = None, name: str = "data.pkl") -> bytes:
    """A checkpoint in PyTorch's form: a pickle, a version and raw storages."""
    tensor = (
        b"\x80\x02}X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n"
        b"X\x01\0\0\x000X\x03\0\0\0cpuK\x02tQK\0K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtRs."
    )
    parts = {f"archive/{name}": pickled or tensor, "archive/version": b"3\n", "archive/byteorder": b"little"}
    return zipped({**parts, "archive/data/0": struct.pack("<2f", 0.5, 1.5)})


def tarred(members: Mapping[str, bytes]) -> bytes:
    """A tar archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def gzipped(data: bytes) -> bytes:
    """A gzip file."""
    return gzip.compress(data)


# the rest ----------------------------------------------------------------------------------------------------------


def png() -> bytes:
    """An image of one grey pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")


def parquet() -> bytes:
    """The frame of a Parquet file: magic, a footer and its length, magic."""
    return b"PAR1" + bytes(32) + struct.pack("<I", 32) + b"PAR1"


def elf() -> bytes:
    """The beginning of a Linux program."""
    return b"\x7fELF\x02\x01\x01" + bytes(57)


def git_object() -> bytes:
    """A loose object of a Git repository."""
    return zlib.compress(b"blob 5\0hello")


def private_key() -> str:
    """The frame of a private key; the key itself is nobody's."""
    return f"-----BEGIN RSA PRIVATE {'KEY'}-----\nMIIB{'A' * 60}\n-----END RSA PRIVATE {'KEY'}-----\n"


def token() -> str:
    """Text of the form of a token, put together here so that no scanner finds one in this file."""
    return "hf" + "_" + "aB3" * 11 + "x"
