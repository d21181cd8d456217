"""Making refs and moving branches: all or none, and never under the feet of somebody."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_writer import GitWriter
from modelmark.domain.tags import Person
from modelmark.errors import CouldNot, Lost
from tests.support.git_repos import (
    GitSaidNo,
    Repos,
    commit,
    git,
    new_repos,
    snapshot,
    tag,
)

ADA = Person("Ada", "ada@example.org", datetime(2025, 10, 9, 10, 53, 20, tzinfo=timezone(timedelta(hours=2))))
PATH = "models/m/3/manifest.yaml"


@pytest.fixture
def repos(tmp_path: Path) -> Repos:
    return new_repos(tmp_path / "repos")


def local(root: Path) -> GitWriter:
    return GitWriter(GitRunner(root))


# --- refs ---------------------------------------------------------------------------------------------------------


def test_refs_are_made_all_together_and_again_without_harm(repos: Repos) -> None:
    refs = {"refs/tags/a#b#1": repos.main, "refs/tags/a#c#1": repos.main}
    repos.writer.create_refs(refs)
    repos.writer.create_refs({**refs, "refs/tags/a#d#1": repos.main})
    repos.writer.create_refs({})
    assert git(repos.clone, "tag", "-l", "a#*").split() == ["a#b#1", "a#c#1", "a#d#1"]


def test_a_ref_with_another_object_is_lost_and_none_of_the_others_is_made(repos: Repos) -> None:
    tag(repos.clone, "a#b#1", message="another")
    with pytest.raises(Lost, match="a#b#1 exists here with another object") as caught:
        repos.writer.create_refs({"refs/tags/a#a#1": repos.main, "refs/tags/a#b#1": repos.main})
    assert "ls-remote" in caught.value.hint
    assert git(repos.clone, "tag", "-l", "a#*") == "a#b#1"


@pytest.mark.parametrize(
    "bad", ["refs/tags/m@v1/deeper", "refs/tags/a b", "refs/tags/x.lock", "refs/tags/busy"]
)
def test_refs_that_cannot_be_written_are_an_error_and_none_is_made(repos: Repos, bad: str) -> None:
    (repos.clone / ".git/refs/tags/busy.lock").touch()
    with pytest.raises(CouldNot):
        repos.writer.create_refs({"refs/tags/a#a#1": repos.main, bad: repos.main})
    assert git(repos.clone, "tag", "-l", "a#*") == ""


def test_a_ref_of_an_object_that_is_not_there_is_not_made(repos: Repos) -> None:
    with pytest.raises(CouldNot):
        repos.writer.create_refs({"refs/tags/a#a#1": "f" * 40})


def test_names_that_are_not_utf8_below_a_new_ref_are_an_error_and_no_bug(repos: Repos) -> None:
    git(repos.clone, "update-ref", os.fsdecode(b"refs/tags/a/\xff"), "main")
    with pytest.raises(CouldNot, match="exists; cannot create"):
        repos.writer.create_refs({"refs/tags/a": repos.main})


# --- branches -----------------------------------------------------------------------------------------------------


def test_a_branch_that_is_not_checked_out_moves_alone(repos: Repos) -> None:
    git(repos.clone, "checkout", "-q", "--detach", "main")
    (repos.clone / "README.md").write_text("dirty")
    before = snapshot(repos.clone)
    made = repos.writer.commit_files(repos.main, {PATH: b"x"}, "Add", ADA)
    repos.writer.move_branch("main", repos.main, made)
    after = snapshot(repos.clone)
    assert (after["files"], after["own"]) == (before["files"], before["own"])
    assert git(repos.clone, "rev-parse", "refs/heads/main") == made


def test_the_branch_checked_out_moves_with_index_and_work_tree_and_spares_other_changes(repos: Repos) -> None:
    git(repos.clone, "config", "merge.autoStash", "true")
    git(repos.clone, "config", "merge.ff", "false")
    (repos.clone / "README.md").write_text("dirty")
    made = repos.writer.commit_files(repos.main, {PATH: b"x"}, "Add", ADA)
    repos.writer.move_branch("main", repos.main, made)
    assert git(repos.clone, "rev-parse", "HEAD", "refs/heads/main").split() == [made, made]
    assert (repos.clone / PATH).read_bytes() == b"x"
    assert git(repos.clone, "status", "--porcelain") == " M README.md"
    assert git(repos.clone, "stash", "list") == ""


def test_changes_of_the_user_in_the_way_stop_the_move_and_stay(repos: Repos) -> None:
    git(repos.clone, "config", "merge.autoStash", "true")
    (repos.clone / "README.md").write_text("dirty")
    before = snapshot(repos.clone)
    made = repos.writer.commit_files(repos.main, {"README.md": b"ours"}, "Add", ADA)
    with pytest.raises(CouldNot, match="cannot be moved: error: Your local changes") as caught:
        repos.writer.move_branch("main", repos.main, made)
    assert "stash" in caught.value.hint
    assert snapshot(repos.clone) == before


@pytest.mark.parametrize("checked_out", [True, False])
def test_a_branch_that_moved_meanwhile_is_lost(repos: Repos, checked_out: bool) -> None:
    made = repos.writer.commit_files(repos.main, {PATH: b"x"}, "Add", ADA)
    theirs = commit(repos.clone, {"theirs": b""})
    if not checked_out:
        git(repos.clone, "checkout", "-q", "--detach")
    with pytest.raises(Lost, match="has moved"):
        repos.writer.move_branch("main", repos.main, made)
    assert git(repos.clone, "rev-parse", "refs/heads/main") == theirs


def test_a_branch_that_is_checked_out_in_another_work_tree_stays(repos: Repos) -> None:
    git(repos.clone, "checkout", "-q", "--detach")
    git(repos.clone, "worktree", "add", "-q", "../linked", "main")
    made = repos.writer.commit_files(repos.main, {PATH: b"x"}, "Add", ADA)
    with pytest.raises(CouldNot, match="checked out in"):
        repos.writer.move_branch("main", repos.main, made)
    local(repos.base / "linked").move_branch("main", repos.main, made)
    assert (repos.base / "linked" / PATH).read_bytes() == b"x"


def test_a_new_branch_is_made_and_one_that_is_there_is_lost(repos: Repos) -> None:
    repos.writer.move_branch("new/branch", None, repos.main)
    assert git(repos.clone, "rev-parse", "new/branch") == repos.main
    with pytest.raises(Lost):
        repos.writer.move_branch("new/branch", None, git(repos.clone, "rev-parse", "main~1"))
    with pytest.raises(GitSaidNo):
        git(repos.clone, "rev-parse", "--verify", "refs/heads/other")


def test_a_branch_in_a_bare_repository_moves(repos: Repos) -> None:
    writer = local(repos.remote)
    made = writer.commit_files(repos.main, {PATH: b"x"}, "Add", ADA)
    writer.move_branch("main", repos.main, made)
    assert git(repos.remote, "rev-parse", "main") == made
