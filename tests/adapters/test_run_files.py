"""The files of a run on a real disk: whole or absent, and never through a link."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.adapters.run_files import RunFiles
from modelmark.domain.training import Written
from modelmark.errors import CouldNot, InvalidInput


def test_a_plan_is_carried_out_and_what_a_killed_run_left_is_gone(tmp_path: Path) -> None:
    (tmp_path / "metrics.json.part").write_text("half")
    (tmp_path / "data_version.txt").write_text("old")
    (tmp_path / "weights.bin").write_text("w")
    RunFiles().write(tmp_path, Written({"run.json": b"{}", "metrics.json": b"[]"}, ("data_version.txt",)))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "run.json": b"{}",
        "metrics.json": b"[]",
        "weights.bin": b"w",
    }
    assert RunFiles().read(tmp_path) == {"run.json": b"{}", "metrics.json": b"[]"}


def test_a_link_or_a_folder_of_such_a_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("{}")
    (tmp_path / "metrics.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidInput, match="not a regular file"):
        RunFiles().read(tmp_path)
    (tmp_path / "metrics.json").unlink()
    (tmp_path / "train_args.json").mkdir()
    with pytest.raises(InvalidInput, match="not a regular file"):
        RunFiles().read(tmp_path)


def test_a_file_too_large_to_be_what_its_name_says_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "metrics.json").open("wb") as stream:
        stream.truncate((4 << 20) + 1)
    with pytest.raises(InvalidInput, match="larger than 4 MiB"):
        RunFiles().read(tmp_path)


def test_a_directory_that_is_none_is_refused_and_one_that_is_gone_is_told(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    for place in (tmp_path / "nothing", tmp_path / "link"):
        with pytest.raises(InvalidInput, match="not a directory"):
            RunFiles().read(place)
    with pytest.raises(CouldNot, match="cannot be written"):
        RunFiles().write(tmp_path / "nothing", Written({"run.json": b"{}"}, ()))
