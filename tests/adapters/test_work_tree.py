"""The files of a new registry: beside somebody's own, and never in place of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelmark.adapters.work_tree import new_registry_root, storage_address, write_new_files
from modelmark.errors import CouldNot, InvalidInput, Refused
from tests.support.git_repos import Repos, commit, git, new_repos, new_repository, snapshot

FILES = {
    ".dvc/config": b"[core]\n",
    ".gitattributes": b"*.dvc text\n",
    ".gitignore": b"/tmp\n/cache\n",
    "models/.gitkeep": b"",
    "registry.yaml": b"registry:\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_repository(tmp_path / "registry")


# --- where --------------------------------------------------------------------------------------------------------


def test_a_new_directory_becomes_a_repository_with_main(tmp_path: Path) -> None:
    made = new_registry_root(tmp_path / "deep/er")
    assert made == tmp_path / "deep/er"
    assert git(made, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert new_registry_root(made) == made


def test_a_repository_stays_the_one_it_is(tmp_path: Path) -> None:
    repos = new_repos(tmp_path / "repos")
    before = snapshot(repos.clone)
    assert new_registry_root(repos.clone) == repos.clone
    assert snapshot(repos.clone) == before


def test_the_environment_of_a_hook_does_not_lead_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = new_repository(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    made = new_registry_root(tmp_path / "new")
    assert made == tmp_path / "new"
    assert (made / ".git/HEAD").exists()


def test_a_folder_inside_a_repository_is_refused(root: Path) -> None:
    (root / "inner").mkdir()
    (root / "inner/file").touch()
    with pytest.raises(InvalidInput, match="is inside the Git repository"):
        new_registry_root(root / "inner")
    assert not (root / "inner/.git").exists()


def test_a_bare_repository_is_refused_and_gets_no_files(tmp_path: Path) -> None:
    repos: Repos = new_repos(tmp_path / "repos")
    with pytest.raises(InvalidInput, match="bare"):
        new_registry_root(repos.remote)


def test_a_directory_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in ("file", "file/inner"):
        with pytest.raises(CouldNot, match="cannot be made"):
            new_registry_root(tmp_path / place)


def test_a_directory_reached_by_a_link_is_the_same(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert new_registry_root(tmp_path / "link").resolve() == root


# --- the storage --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "address"),
    [
        (None, "../registry-storage"),
        ("s3://bucket/models", "s3://bucket/models"),
        ("/mnt/models", "/mnt/models"),
        ("store", "../here/store"),
        ("../registry/store", "store"),
        ("..", ".."),
    ],
)
def test_a_storage_with_a_relative_path_is_counted_from_the_root(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str | None, address: str
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert storage_address(root, given) == address


# --- the files ----------------------------------------------------------------------------------------------------


def written(root: Path) -> dict[str, bytes]:
    return {path: (root / path).read_bytes() for path in FILES if (root / path).exists()}


def test_all_files_are_written_and_nothing_is_committed_or_staged(root: Path) -> None:
    write_new_files(root, FILES)
    assert written(root) == FILES
    assert git(root, "diff", "--cached", "--name-only") == ""


def test_a_second_time_is_refused(root: Path) -> None:
    write_new_files(root, FILES)
    with pytest.raises(Refused, match="is a registry already"):
        write_new_files(root, FILES)


def test_a_run_that_was_stopped_can_be_run_again(root: Path) -> None:
    write_new_files(root, FILES)
    (root / "registry.yaml").unlink()
    (root / "models/.gitkeep").unlink()
    write_new_files(root, FILES)
    assert written(root) == FILES


@pytest.mark.parametrize("path", [".dvc/config", "models/.gitkeep"])
def test_a_file_of_somebody_stays_and_nothing_is_written(root: Path, path: str) -> None:
    commit(root, {path: b"mine\n"})
    with pytest.raises(Refused, match="is not what a registry has there") as caught:
        write_new_files(root, FILES)
    assert path in caught.value.message
    assert written(root) == {path: b"mine\n"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"/tmp\n/cache\n"),
        (b"mine\n", b"mine\n/tmp\n/cache\n"),
        (b"mine", b"mine\n/tmp\n/cache\n"),
        (b"mine\n/cache\n", b"mine\n/cache\n/tmp\n"),
        (b"mine\n/cache", b"mine\n/cache\n/tmp\n"),
        (b"/tmp\n/cache\n", b"/tmp\n/cache\n"),
    ],
)
def test_lines_are_added_to_somebodys_ignore_file_once(root: Path, before: bytes, after: bytes) -> None:
    (root / ".gitignore").write_bytes(before)
    write_new_files(root, FILES)
    assert (root / ".gitignore").read_bytes() == after


def test_a_registry_comes_into_being_with_its_last_file(root: Path) -> None:
    (root / "models").write_text("a file where a folder must be")
    with pytest.raises(OSError, match="models"):
        write_new_files(root, FILES)
    assert not (root / "registry.yaml").exists()
    os.unlink(root / "models")  # noqa: PTH108 - a stopped run, mended by hand
    write_new_files(root, FILES)
    assert written(root) == FILES
