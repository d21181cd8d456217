"""A release on disk, looked at again: every byte, every file, and nothing through a link."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from modelmark.adapters.running import Disk
from modelmark.errors import InvalidInput, NotFound

FILES = {"weights.bin": b"w" * 100, "deep/vocab.txt": b"words"}
SHA256S = {path: hashlib.sha256(data).hexdigest() for path, data in FILES.items()}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    release = tmp_path / "releases" / "m-1-abc"
    for path, data in {**FILES, ".modelmark.json": b'{"model": "m"}'}.items():
        (release / path).parent.mkdir(parents=True, exist_ok=True)
        (release / path).write_bytes(data)
    (tmp_path / "current").symlink_to("releases/m-1-abc")
    return tmp_path


def test_a_whole_release_differs_in_nothing(target: Path) -> None:
    release, about = Disk().about(target)
    assert (release, about) == (target / "releases" / "m-1-abc", {"model": "m"})
    assert Disk().differs(release, SHA256S) == ""
    (release / "deep" / "__pycache__").mkdir()
    (release / "deep" / "__pycache__" / "x.pyc").write_bytes(b"what Python left when it ran")
    assert Disk().differs(release, SHA256S) == ""


def test_every_difference_is_said(target: Path) -> None:
    release, _ = Disk().about(target)
    (release / "weights.bin").write_bytes(b"v" * 100)
    assert Disk().differs(release, SHA256S) == "weights.bin has other bytes than the manifest lists"
    (release / "weights.bin").unlink()
    assert Disk().differs(release, SHA256S) == "weights.bin is not there"
    (target / "elsewhere").write_bytes(FILES["weights.bin"])
    (release / "weights.bin").symlink_to(target / "elsewhere")
    assert "weights.bin has other bytes" in Disk().differs(release, SHA256S)
    (release / "weights.bin").unlink()
    (release / "weights.bin").write_bytes(FILES["weights.bin"])
    (release / "more.py").write_text("import os")
    assert Disk().differs(release, SHA256S) == "'more.py' is not in the manifest"
    (release / "more.py").unlink()
    (release / "folder").symlink_to(target)
    assert Disk().differs(release, SHA256S) == "'folder' is not in the manifest"


def test_a_link_that_leads_to_itself_is_no_release(tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("current")
    with pytest.raises(NotFound, match="has no release"):
        Disk().about(tmp_path)


def test_what_would_never_end_is_not_read(target: Path) -> None:
    release, _ = Disk().about(target)
    (release / "weights.bin").unlink()
    os.mkfifo(release / "weights.bin")
    assert "weights.bin has other bytes" in Disk().differs(release, SHA256S)


def test_where_nothing_was_pulled_there_is_no_release(tmp_path: Path, target: Path) -> None:
    with pytest.raises(NotFound, match="has no release"):
        Disk().about(tmp_path / "nothing")
    (target / "current" / ".modelmark.json").write_text("[]")
    with pytest.raises(InvalidInput, match="is no record of a release"):
        Disk().about(target)
