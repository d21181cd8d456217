"""Headers are read strictly, and the weights behind them never."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest

from modelmark.domain.formats import Content, FileFormat
from tests.support import artifacts as make
from tests.support.examined import examined


def header(**changes: Any) -> str:
    tensor = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}
    return json.dumps({"w": tensor})


def safetensors(text: str, data: bytes = bytes(8)) -> FileFormat:
    return examined("model.safetensors", make.safetensors_of(text, data))


def test_tensors_are_named_with_dtype_and_shape() -> None:
    found = examined("model.safetensors", make.safetensors({"head.weight": (3, 4)}, {"format": "pt"}))
    assert found.tensors == {"head.weight": ("F32", (3, 4))}
    assert found.problems == ()


def test_a_scalar_an_empty_tensor_and_spaces_behind_the_header_are_allowed() -> None:
    text = json.dumps(
        {
            "s": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]},
            "e": {"dtype": "F32", "shape": [0, 3], "data_offsets": [4, 4]},
        }
    )
    assert safetensors(text + "   ", bytes(4)).problems == ()


TWO = {"dtype": "F32", "shape": [2]}


@pytest.mark.parametrize(
    ("text", "data", "words"),
    [
        (header(), bytes(9), "bytes behind its last tensor"),
        (header(), bytes(7), "ends before its last tensor"),
        ('{"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, ' + header()[1:], bytes(8), "twice"),
        ('{"w": {"dtype": "F32", "dtype": "I32", "shape": [2], "data_offsets": [0, 8]}}', bytes(8), "twice"),
        (header(shape=[3]), bytes(8), "another size"),
        (header(dtype="F31"), bytes(8), "dtype that is not known"),
        (header(dtype=["F32"]), bytes(8), "dtype that is not known"),
        (header(shape=[-2]), bytes(8), "no list of sizes"),
        (header(shape=[True, 2]), bytes(8), "no list of sizes"),
        (header(shape=[2.0]), bytes(8), "no list of sizes"),
        (header(shape=[1 << 62, 4, 0, 1 << 64]), bytes(8), "no list of sizes"),
        (header(shape=[1 << 62, 1 << 62]), bytes(8), "another size"),
        (header(data_offsets=[8, 0]), bytes(8), "another size"),
        (header(data_offsets=[0]), bytes(8), "not two places"),
        (header(data_offsets=[4, 12]), bytes(12), "overlap, or bytes between"),
        (
            json.dumps({"a": {**TWO, "data_offsets": [0, 8]}, "b": {**TWO, "data_offsets": [4, 12]}}),
            bytes(12),
            "overlap",
        ),
        (
            json.dumps({"a": {**TWO, "data_offsets": [0, 8]}, "b": {**TWO, "data_offsets": [9, 17]}}),
            bytes(17),
            "between",
        ),
        (header(extra=1), bytes(8), "without exactly"),
        ('{"w": 1}', bytes(8), "without exactly"),
        ('{"__metadata__": {"a": 1}}', b"", "metadata that are not texts"),
        ('{"w": NaN}', bytes(8), "a number in its header that JSON does not have"),
        ('{"w": }', bytes(8), "not JSON"),
        ('{"w": ' + "[" * 100_000, bytes(8), "not JSON"),
    ],
)
def test_a_header_that_two_readers_may_understand_differently_is_refused(
    text: str, data: bytes, words: str
) -> None:
    found = safetensors(text, data)
    assert found.content is Content.SAFETENSORS
    (problem,) = found.problems
    assert words in problem


@pytest.mark.parametrize(
    ("length", "words"),
    [(1 << 20, "longer than the file"), (100_000_000, "longer than the file")],
)
def test_a_header_longer_than_the_file_is_refused_before_it_is_read(length: int, words: str) -> None:
    (problem,) = examined("m.safetensors", struct.pack("<Q", length) + b'{"a": 1}' + bytes(64)).problems
    assert words in problem


def test_a_header_of_a_hundred_megabytes_is_not_read() -> None:
    data = struct.pack("<Q", 99_000_000) + b"{" + bytes(99_000_000)
    assert examined("m.safetensors", data).problems == (
        "has a header beyond 16 MiB, which is more than is read here",
    )


def test_a_length_that_cannot_be_is_no_safetensors() -> None:
    assert examined("m.safetensors", b"\xff" * 8 + b"{" + bytes(64)).content is Content.UNKNOWN


def test_initialisers_and_outputs_of_onnx_are_named() -> None:
    found = examined("model.onnx", make.onnx({"head": (5, 2)}, {"logits": ("batch", 5), "score": (1,)}))
    assert found.tensors == {"head": ("FLOAT", (5, 2))}
    assert found.outputs == {"logits": (None, 5), "score": (1,)}


@pytest.mark.parametrize(
    "data",
    [make.onnx()[:-3], make.onnx() + b"\xff", make.onnx() + make.field(99, 1), make.field(1, 8), b"\x08\x08"],
)
def test_bytes_that_are_not_wholly_a_model_are_no_onnx(data: bytes) -> None:
    assert examined("model.onnx", data).content in (Content.UNKNOWN, Content.TEXT)


def test_a_model_nested_without_end_is_no_onnx() -> None:
    nested = b""
    for _ in range(60):
        nested = make.field(1, make.field(5, make.field(6, nested)))
    data = make.field(1, 8) + make.field(7, nested)
    assert examined("model.onnx", data).content is Content.UNKNOWN


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (make.gguf(version=1), "version 1"),
        (make.gguf(version=900), "version 900"),
        (make.gguf(tensors=1 << 40), "more than a million"),
        (make.gguf(pairs=1 << 63), "more than a million"),
        (make.gguf(tensors=40), "behind the end of the file"),
        (make.gguf(pairs=2), "a name of more than 64 KiB"),
        (make.gguf()[:30], "behind the end of the file"),
    ],
)
def test_a_gguf_header_must_be_sane(data: bytes, words: str) -> None:
    found = examined("model.gguf", data)
    assert found.content is Content.GGUF
    assert words in found.problems[0]


def test_a_numpy_header_must_be_readable() -> None:
    data = make.npy([1, 2]).replace(b"'descr'", b"'decsr'")
    assert examined("a.npy", data).problems == ("has a NumPy header that cannot be read",)
