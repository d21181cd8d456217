"""The look runs in a process of its own, in little memory; where that process fails, nothing is called clean."""

from __future__ import annotations

import json
import os
import struct
import sys
from pathlib import Path

import pytest

from modelmark.adapters.inspection import formats
from modelmark.adapters.inspection.formats import look
from modelmark.adapters.processes import Limits, Program, own_python, python_env, run_limited
from modelmark.domain.formats import Content, Formats, Safety
from modelmark.errors import CouldNot
from tests.support import artifacts as make
from tests.support.contents import contents_of

FILES: dict[str, bytes | str] = {
    "model.safetensors": make.safetensors({"head": (2, 3)}),
    "deep/model.onnx": make.onnx(location="weights.bin"),
    "deep/weights.bin": bytes(range(256)),
    "old.pkl": make.hostile_pickle(),
    "config.json": f'{{"token": "{make.token()}"}}',
}


def seen(files: dict[str, bytes | str], folder: Path) -> Formats:
    with contents_of(files, folder) as contents:
        return look(contents, sandboxed=True)


def test_every_file_is_told_with_what_is_in_it(tmp_path: Path) -> None:
    found = seen(FILES, tmp_path).files
    assert {path: one.content for path, one in found.items()} == {
        "model.safetensors": Content.SAFETENSORS,
        "deep/model.onnx": Content.ONNX,
        "deep/weights.bin": Content.ONNX_DATA,
        "old.pkl": Content.PICKLE,
        "config.json": Content.JSON,
    }
    assert found["model.safetensors"].tensors == {"head": ("F32", (2, 3))}
    assert found["deep/model.onnx"].outputs == {"logits": (None, 2)}
    assert found["old.pkl"].safety == {"posix system": Safety.DANGEROUS}
    assert [one.line for one in found["config.json"].secrets] == [1]


@pytest.mark.parametrize(
    "location", ["../other.bin", "/etc/passwd", "missing.bin", "a\\b", "x/../weights.bin"]
)
@pytest.mark.parametrize("hidden", [False, True])
def test_onnx_weights_outside_of_the_version_are_a_problem(
    location: str, hidden: bool, tmp_path: Path
) -> None:
    model = make.onnx(hidden_location=location) if hidden else make.onnx(location=location)
    found = seen({"m/model.onnx": model, "m/weights.bin": b"\0", "other.bin": b"\0"}, tmp_path).files
    (problem,) = found["m/model.onnx"].problems
    assert "which is not a file of this version" in problem


def test_a_pickle_is_never_excused_as_weights_of_onnx(tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {"m.onnx": make.onnx(location="w.bin"), "w.bin": make.hostile_pickle()}
    assert seen(files, tmp_path).files["w.bin"].content is Content.PICKLE


@pytest.mark.parametrize(
    ("limits", "child", "words"),
    [
        (Limits(seconds=0.01), formats.CHILD, "took more than 0.01 seconds"),
        (Limits(memory_mb=16), formats.CHILD, "failed (status "),
        (Limits(), "modelmark.no_such_module", "No module named modelmark.no_such_module"),
        (Limits(), "modelmark.errors", "cannot be read"),
    ],
)
def test_a_process_that_hangs_or_breaks_fails_the_look(
    limits: Limits, child: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "LIMITS", limits)
    monkeypatch.setattr(formats, "CHILD", child)
    with pytest.raises(CouldNot) as error:
        seen(FILES, tmp_path)
    assert words in error.value.message


def test_a_file_that_was_left_out_fails_the_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "own_python", lambda _: [sys.executable, "-c", "print('{}')"])
    with pytest.raises(CouldNot, match="not every file was looked at"):
        seen(FILES, tmp_path)


def sparse(place: Path, begin: bytes, size: int, end: bytes = b"") -> None:
    """A file with a hole in it, which takes no room on the disk."""
    with place.open("wb") as file:
        file.write(begin)
        file.seek(size - 1, os.SEEK_CUR)
        file.write(b"\0" + end)


def test_files_of_two_gigabytes_are_looked_at_in_little_memory(tmp_path: Path) -> None:
    count = 1 << 29
    head = json.dumps({"w": {"dtype": "F32", "shape": [count], "data_offsets": [0, 4 * count]}}).encode()
    sparse(tmp_path / "m.safetensors", struct.pack("<Q", len(head)) + head, 4 * count)
    sparse(
        tmp_path / "m.pkl",
        b"\x80\x04\x8e" + struct.pack("<Q", 4 * count),
        4 * count,
        make.hostile_pickle()[2:],
    )
    sparse(tmp_path / "m.bin", b"\0\1", 4 * count)
    order = {"folder": str(tmp_path), "paths": ["m.safetensors", "m.pkl", "m.bin"]}
    program = Program(own_python(formats.CHILD), json.dumps(order).encode(), python_env())
    done = run_limited(program, Limits(seconds=60, memory_mb=300))
    files = json.loads(done.out)
    assert [files[path]["content"] for path in order["paths"]] == ["safetensors", "pickle", "unknown binary"]
    assert files["m.safetensors"]["problems"] == []
    assert files["m.pkl"]["globals"] == ["posix system"]
