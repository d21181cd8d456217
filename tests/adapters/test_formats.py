"""A file is what its bytes are, whatever it is called."""

from __future__ import annotations

import json
import lzma
import random

import pytest

from modelmark.domain.formats import Content
from tests.support import artifacts as make
from tests.support.examined import examined

GOOD = {
    "model.safetensors": (make.safetensors(), Content.SAFETENSORS),
    "model.onnx": (make.onnx(), Content.ONNX),
    "model.gguf": (make.gguf(), Content.GGUF),
    "weights.npy": (make.npy([1.0, 2.0]), Content.NUMPY),
    "weights.npz": (make.npz(a=[1], b=[[2.5]]), Content.NUMPY),
    "config.json": (b'{"hidden_size": 4}', Content.JSON),
    "rows.jsonl": (b'{"a": 1}\n{"a": 2}\n', Content.JSON),
    "params.yaml": (b"temperature: 0.2\n", Content.YAML),
    "predict.py": (b"#!/usr/bin/env python3\nprint(1)\n", Content.PYTHON),
    "vocab.txt": ("cat\ndog\nbird\nnaïve\n".encode(), Content.TEXT),
    "rows.csv": (b"text,label\nhello,1\n", Content.CSV),
    "rows.parquet": (make.parquet(), Content.PARQUET),
    "plot.png": (make.png(), Content.IMAGE),
    "__init__.py": (b"", Content.EMPTY),
    "merges.txt": (b"#version: 0.2\nt h\nth e\n", Content.TEXT),
    "MLmodel": (b"flavors:\n  python_function: {}\n", Content.TEXT),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_has_its_format_and_nothing_against_it(name: str) -> None:
    data, content = GOOD[name]
    found = examined(name, data)
    assert (found.content, found.problems, found.unseen, found.secrets) == (content, (), (), ())
    assert (found.pickles, found.globals) == (0, ())


@pytest.mark.parametrize("name", [name for name, (data, _) in GOOD.items() if b"\0" in data])
def test_another_name_does_not_make_it_another_format(name: str) -> None:
    data, content = GOOD[name]
    assert examined("notes.txt", data).content is content


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (make.elf(), Content.EXECUTABLE),
        (b"MZ\x90\x00" + bytes(60), Content.EXECUTABLE),
        (b"\xcf\xfa\xed\xfe" + bytes(28), Content.EXECUTABLE),
        (b"\xa7\x0d\r\n" + bytes(12), Content.EXECUTABLE),
        (b"#!/bin/sh\nrm -rf /\n", Content.EXECUTABLE),
        (b"\x89HDF\r\n\x1a\n" + bytes(32), Content.HDF5),
        (b"7z\xbc\xaf\x27\x1c\0\4", Content.SEVEN_ZIP),
        (lzma.compress(b"hello"), Content.COMPRESSED),
        (b"\x28\xb5\x2f\xfd" + bytes(16), Content.COMPRESSED),
        (random.Random(7).randbytes(4096), Content.UNKNOWN),
        ("text in another encoding".encode("utf-16"), Content.UNKNOWN),
        (b"a text with a \x00 in it", Content.UNKNOWN),
    ],
)
def test_what_needs_a_reviewer_is_told_apart(data: bytes, content: Content) -> None:
    assert examined("model.bin", data).content is content


@pytest.mark.parametrize(
    "text", ["GGUF is a format", "MZ is a name", "PAR1 and PAR2", "GIF89a", "BZhang", "x^2"]
)
def test_a_text_may_begin_as_a_binary_format_does(text: str) -> None:
    assert examined("notes.md", text).content is Content.TEXT


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("config.json", "{", "does not parse as it (line 1)"),
        ("config.json", '{\n"a": 1,\n}', "does not parse as it (line 3)"),
        ("config.json", "[" * 100_000, "does not parse as it"),
        ("predict.py", "def f(:\n", "does not parse as one (line 1)"),
        ("params.yaml", "a: !!python/object/apply:os.system ['x']", "make Python objects"),
        ("rows.parquet", b"PAR1" + bytes(40), "does not end as it"),
    ],
)
def test_a_text_that_is_not_what_it_is_called_is_a_problem(name: str, data: bytes | str, words: str) -> None:
    (problem,) = examined(name, data).problems
    assert words in problem


@pytest.mark.parametrize("front", ["plot.png", "model.safetensors", "rows.parquet"])
def test_a_zip_archive_behind_another_format_is_found(front: str) -> None:
    data, content = GOOD[front]
    found = examined(front, data + make.zipped({"evil.py": b"import os"}))
    assert found.content is content
    assert any("from its end, a zip archive" in one for one in found.problems)


def test_an_image_that_is_also_a_pickle_is_found() -> None:
    found = examined("plot.gif", b"GIF89a\0\0\0" + make.hostile_pickle(0))
    assert "is image and a pickle at once" in found.problems[0]
    assert found.globals == ("posix system",)


def test_a_large_json_on_one_line_is_read() -> None:
    vocabulary = json.dumps({f"token{place}": place for place in range(50_000)})
    assert examined("tokenizer.json", vocabulary).content is Content.JSON
