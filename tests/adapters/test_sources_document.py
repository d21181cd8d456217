"""One JSON file that a person names is read as what a stranger wrote."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelmark.adapters.releases import Directories
from modelmark.errors import InvalidInput


def test_a_document_is_read(tmp_path: Path) -> None:
    (tmp_path / "new.json").write_text('{"f1": 0.9}')
    assert Directories().document(tmp_path / "new.json") == {"f1": 0.9}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b'{"f1": NaN}', "NaN is not a number"),
        (b'{"f1": 1e999}', "too large"),
        (b'{"f1": 1, "f1": 2}', "stands there twice"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"f1": "\xe4"}', "not UTF-8"),
        (b" " * (4 * 1024 * 1024 + 1), "larger than 4 MiB"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_file(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "new.json").write_bytes(data)
    with pytest.raises(InvalidInput) as caught:
        Directories().document(tmp_path / "new.json")
    assert words in caught.value.message
    assert "new.json" in str(caught.value)
    assert len(caught.value.message) < 400


def test_what_is_no_file_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path, tmp_path / "nowhere", tmp_path / "pipe"):
        with pytest.raises(InvalidInput, match=r"is not a file") as caught:
            Directories().document(place)
        assert "metrics.json" in caught.value.hint
