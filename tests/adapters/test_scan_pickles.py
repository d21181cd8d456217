"""Pickles are followed without running them, wherever they hide, and what they name is told."""

from __future__ import annotations

import pickle
import struct
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from modelmark.adapters.inspection import pickles
from modelmark.domain.formats import Content, Safety
from tests.support import artifacts as make
from tests.support.examined import examined

EVIL = "posix system"


@pytest.mark.parametrize("protocol", range(6))
def test_a_call_is_found_in_every_protocol_and_under_any_name(protocol: int) -> None:
    for name in ("model.pkl", "config.json", "model.safetensors", "notes.txt"):
        found = examined(name, make.hostile_pickle(protocol))
        assert (found.content, found.globals, found.safety) == (
            Content.PICKLE,
            (EVIL,),
            {EVIL: Safety.DANGEROUS},
        )


@pytest.mark.parametrize("protocol", range(6))
def test_values_alone_name_nothing(protocol: int) -> None:
    found = examined("labels.pkl", make.plain_pickle(protocol))
    assert (found.content, found.pickles, found.globals, found.problems) == (Content.PICKLE, 1, (), ())


def hidden() -> Iterator[tuple[str, bytes]]:
    evil = make.hostile_pickle()
    yield "second", make.plain_pickle() + evil
    yield "cut short", evil[:-1]
    yield "followed by garbage", evil + b"\xff\xff"
    yield "broken behind the call", evil[:-1] + b"\xff\xff"
    yield "array of objects", make.object_npy(evil)
    yield "in npz", make.zipped({"a.npy": make.npy([1]), "b.npy": make.object_npy(evil)})
    yield "torch", make.torch_zip(evil)
    yield "torch, another entry", make.torch_zip(make.hostile_pickle(0), "data/7")
    yield "torch, renamed", make.torch_zip(evil, "weights.txt")
    yield "deflated", make.zipped({"readme.txt": evil}, zipfile.ZIP_DEFLATED)
    yield "zip in zip", make.zipped({"in.zip": make.zipped({"n.txt": make.hostile_pickle(0)})})
    yield "tar", make.tarred({"x/readme": evil})
    yield "tar.gz", make.gzipped(make.tarred({"x/readme": evil}))
    yield "gzip", make.gzipped(evil)
    yield "joblib", make.joblib_file(make.Hostile())
    yield "joblib, behind an array", make.joblib_file([np.arange(50.0), make.Hostile()])
    yield "joblib, in an array", make.joblib_file(np.array([make.Hostile()], dtype=object))
    yield "joblib, compressed", make.joblib_file([np.arange(50.0), make.Hostile()], 3)
    yield "behind a long text", pickle.dumps(["x" * 200_000, make.Hostile()])
    yield "long byte string", pickle.dumps([bytes(200_000), make.Hostile()])


HIDDEN = dict(hidden())


@pytest.mark.parametrize("where", HIDDEN)
def test_a_call_is_found_wherever_it_hides(where: str) -> None:
    found = examined("model.bin", HIDDEN[where])
    assert found.safety.get(EVIL) is Safety.DANGEROUS
    assert EVIL in found.globals
    assert found.pickles > 0


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"I0x1\n0cos\nsystem\n(S'x'\ntR.", "os system"),
        (b"\x80\x04S'o\\x73'\nS'system'\n\x93(S'x'\ntR.", "os system"),
        (b"\x80\x04Vo\\u0073\nVsystem\n\x93(S'x'\ntR.", "os system"),
        (b"\x80\x04\x8c\x02os\x940\x8c\x06system\x94h\x000h\x00h\x01\x93)R.", "os system"),
        (b"F1_0\n0cos\nsystem\n(S'x'\ntR.", "os system"),
        (b"S'\xff'\n0cos\nsystem\n(S'x'\ntR.", "os system"),
        (b"(S'x'\nios\nsystem\n.", "os system"),
        (b"(cos\nsystem\nS'x'\no.", "os system"),
        (b"\x80\x02\x82\x01)R.", "copyreg extension"),
        (b"\x80\x04cbuiltins\nstr\n)R\x8c\x06system\x93)R.", "unknown unknown"),
        (b"\x80\x04cnumpy\n_os.system\n)R.", "numpy _os.system"),
    ],
)
def test_what_other_scanners_stumble_over_is_followed(data: bytes, name: str) -> None:
    found = examined("model.pkl", data)
    assert found.content is Content.PICKLE
    assert name in found.globals


def test_bytes_that_only_joblib_would_step_over_are_followed_too() -> None:
    """`pickle.load` runs what stands where joblib expects an array."""
    array = make.joblib_file(np.arange(4.0))
    begin = array.rindex(b"ub") + 2
    forged = array[:begin] + b"0cos\nsystem\n(S'x'\ntR." + bytes(64)
    assert "os system" in examined("model.joblib", forged).globals


def test_a_fitted_forest_is_followed_to_its_end() -> None:
    forest = RandomForestClassifier(3).fit([[0.0, 1.0], [1.0, 0.0]] * 5, [0, 1] * 5)
    for data in (pickle.dumps(forest), make.joblib_file(forest), make.joblib_file(forest, 3)):
        found = examined("model.joblib", data)
        assert found.problems == ()
        assert "sklearn.ensemble._forest RandomForestClassifier" in found.globals
        assert Safety.DANGEROUS not in found.safety.values()
        assert set(found.globals) == set(found.safety)


def test_a_compressed_pickle_is_a_pickle_and_a_compressed_archive_is_not() -> None:
    assert examined("model.joblib", make.joblib_file([1], 3)).content is Content.PICKLE
    archive = make.gzipped(make.tarred({"a.pkl": make.plain_pickle()}))
    assert examined("model.joblib", archive).content is Content.COMPRESSED


def test_an_archive_of_pickles_is_not_a_pickle_itself() -> None:
    found = examined("a.npz", make.npz(a=np.array([{"a": 1}, None], dtype=object)))
    assert (found.content, found.pickles, found.problems) == (Content.NUMPY, 1, ())


def test_a_checkpoint_of_torch_names_only_harmless_things() -> None:
    found = examined("model.pt", make.torch_zip())
    assert (found.content, found.problems) == (Content.TORCH_ZIP, ())
    assert set(found.safety.values()) == {Safety.INNOCUOUS}


def test_the_old_form_of_torch_ends_with_raw_tensors() -> None:
    parts = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, {"w": 1}, ["0"]]
    data = b"".join(pickle.dumps(part, 2) for part in parts) + struct.pack("<q4f", 4, 1, 2, 3, 4)
    found = examined("model.pt", data)
    assert (found.content, found.pickles, found.problems) == (Content.PICKLE, 5, ())


@pytest.mark.parametrize("text", ["cat\ndog\n", "class A:\n    pass\n", "N.B. hello", "(1, 2)\n", "]."])
def test_a_text_that_begins_like_a_pickle_is_a_text(text: str) -> None:
    assert examined("notes.md", text).content is (Content.PICKLE if text == "]." else Content.TEXT)


def test_a_pickle_with_bytes_behind_it_is_a_problem() -> None:
    (problem,) = examined("labels.pkl", make.plain_pickle() + b"hello").problems
    assert "cannot be followed to its end" in problem


def test_a_pickle_of_too_many_steps_is_not_called_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickles, "MAX_OPCODES", 1000)
    found = examined("labels.pkl", pickle.dumps(list(range(5000))))
    assert "could be a pickle" in found.unseen[0]


def test_a_line_without_end_in_front_of_a_call_is_not_called_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickles, "_LONG_LINE", 1000)
    found = examined("notes.txt", b"V" + b"x" * 2000 + b"\n0cos\nsystem\n(S'x'\ntR.")
    assert found.content is Content.TEXT
    assert "could be a pickle" in found.unseen[0]


@pytest.mark.parametrize("opcode", [b"\x8e", b"\x8d", b"\x96"])
def test_a_length_that_no_file_can_have_is_a_broken_pickle(opcode: bytes) -> None:
    """Random bytes of a weights file ask for it now and then; the system refuses to seek there."""
    for length in ((1 << 63) - 1, (1 << 62) + 7):
        found = examined("model.bin", b"\x80\x05" + opcode + length.to_bytes(8, "little") + b"x" * 64)
        assert (found.content, found.pickles) == (Content.UNKNOWN, 0)
