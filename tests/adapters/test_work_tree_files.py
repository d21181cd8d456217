"""A single file of a work tree: replaced whole, never through a link."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.adapters.work_tree import WorkTree
from modelmark.errors import InvalidInput, Refused
from tests.support.git_repos import commit, new_repos, new_repository

PATH = ".github/CODEOWNERS"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_repository(tmp_path / "registry")


def test_a_file_that_is_not_there_is_made_with_its_folder(root: Path) -> None:
    assert WorkTree(root).read(PATH) is None
    WorkTree(root).write(PATH, b"* @a\r\n")
    assert WorkTree(root).read(PATH) == b"* @a\r\n"
    assert [path.name for path in (root / ".github").iterdir()] == ["CODEOWNERS"]


def test_a_file_is_replaced_and_keeps_its_mode(root: Path) -> None:
    commit(root, {PATH: b"old\n"})
    (root / PATH).chmod(0o640)
    WorkTree(root).write(PATH, b"new\n")
    assert (root / PATH).read_bytes() == b"new\n"
    assert (root / PATH).stat().st_mode & 0o777 == 0o640


def test_another_name_of_the_old_file_keeps_the_old_bytes(root: Path, tmp_path: Path) -> None:
    commit(root, {PATH: b"old\n"})
    (tmp_path / "other").hardlink_to(root / PATH)
    WorkTree(root).write(PATH, b"new\n")
    assert (tmp_path / "other").read_bytes() == b"old\n"


@pytest.mark.parametrize("place", [PATH, ".github"])
@pytest.mark.parametrize("there", [True, False], ids=["to something", "to nothing"])
def test_a_symbolic_link_on_the_way_is_refused(root: Path, tmp_path: Path, place: str, there: bool) -> None:
    outside = tmp_path / "outside"
    if there:
        outside.mkdir()
        (outside / "CODEOWNERS").write_bytes(b"mine\n")
    (root / place).parent.mkdir(exist_ok=True)
    (root / place).symlink_to(outside / "CODEOWNERS" if place == PATH else outside)
    with pytest.raises(Refused, match="of its own"):
        WorkTree(root).read(PATH)
    with pytest.raises(Refused, match="of its own"):
        WorkTree(root).write(PATH, b"new\n")
    assert (outside / "CODEOWNERS").exists() == there
    assert not there or (outside / "CODEOWNERS").read_bytes() == b"mine\n"


def test_a_folder_in_its_place_and_a_file_in_that_of_its_folder_are_refused(root: Path) -> None:
    (root / ".github").write_bytes(b"a file\n")
    with pytest.raises(Refused, match="is not a folder of its own"):
        WorkTree(root).write(PATH, b"new\n")
    (root / ".github").unlink()
    (root / PATH).mkdir(parents=True)
    with pytest.raises(Refused, match="is not a file of its own"):
        WorkTree(root).write(PATH, b"new\n")


def test_a_bare_repository_gets_no_file(tmp_path: Path) -> None:
    repos = new_repos(tmp_path / "repos")
    with pytest.raises(InvalidInput, match="is a bare repository"):
        WorkTree(repos.remote).write(PATH, b"new\n")
    assert not (repos.remote / ".github").exists()
