"""Records in a folder that others may write to: what lies there and is no record keeps nobody."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from pathlib import Path

import pytest

from modelmark.adapters.record_folder import FolderRecords
from modelmark.errors import CouldNot, InvalidInput
from modelmark.usecases.deployed import record_deployment
from tests.adapters.test_records import EU, MADE, nobody_waits, put_file


def test_a_folder_appears_whole_and_drafts_are_no_records(tmp_path: Path) -> None:
    put_file(tmp_path, "m/prod/eu-1/.record-x", b"half of a killed one")
    put_file(tmp_path, "m/prod/eu-1/2.json.part", b"half")
    records = FolderRecords(tmp_path)
    assert record_deployment(records, MADE, nobody_waits).name == EU.path(1)
    (tmp_path / EU.path(2)).symlink_to(tmp_path / EU.path(1))
    last = records.last(EU)
    assert last is not None
    assert (last.number, last.deployment) == (2, None), "a link is no record that anybody wrote"
    assert json.loads((tmp_path / EU.path(1)).read_text())["env"] == "eu-1"


def test_a_folder_of_a_records_name_takes_its_number_and_keeps_nobody(tmp_path: Path) -> None:
    (tmp_path / EU.path(1)).mkdir(parents=True)
    assert record_deployment(FolderRecords(tmp_path), MADE, nobody_waits).name == EU.path(2)


def test_a_folder_that_somebody_dug_too_deep_is_read_as_far_as_records_lie(tmp_path: Path) -> None:
    deep = tmp_path / "m" / "prod" / "eu-1"
    deep.mkdir(parents=True)
    here = os.open(deep, os.O_RDONLY)
    try:
        for _ in range(1500):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
    finally:
        os.close(here)
    try:
        assert FolderRecords(tmp_path).newest(None) == ()
    finally:
        subprocess.run(["rm", "-rf", str(deep)], check=True)


def test_a_folder_that_takes_no_links_is_none_for_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", never)  # as most mounted buckets
    with pytest.raises(CouldNot) as found:
        record_deployment(FolderRecords(tmp_path), MADE, nobody_waits)
    assert "hard link" in found.value.hint


def test_a_folder_that_cannot_be_used_or_is_not_there_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "m").write_text("a file is in the way")
    with pytest.raises(CouldNot, match="cannot be read: Not a directory"):
        record_deployment(FolderRecords(tmp_path / "odd"), MADE, nobody_waits)
    with pytest.raises(InvalidInput, match="there is no folder"):
        FolderRecords(tmp_path / "nothing").newest(None)
    monkeypatch.setattr(os, "fsync", _full)
    with pytest.raises(CouldNot, match="cannot be written: No space left"):
        record_deployment(FolderRecords(tmp_path / "full"), MADE, nobody_waits)
    assert [path for path in (tmp_path / "full").rglob("*") if path.is_file()] == []


def _full(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
