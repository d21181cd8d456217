"""A clone that was cut off says so where what it lacks could move the commit at which a branch left main."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_reader import GitReader
from modelmark.errors import CouldNot
from tests.support.git_repos import Repos, commit, git, new_repos


@pytest.fixture
def repos(tmp_path: Path) -> Repos:
    return new_repos(tmp_path / "repos")


def test_a_shallow_clone_that_has_cut_off_the_fork_says_so(repos: Repos) -> None:
    main = commit(repos.clone, {"registry.yaml": b"tightened"}, "Tighten")
    git(repos.clone, "push", "-q", "origin", "HEAD:refs/heads/main")
    commit(repos.clone, {"note": b"x"}, "One")
    branch = commit(repos.clone, {"note": b"y"}, "Two")
    git(repos.clone, "push", "-q", "origin", "HEAD:refs/heads/change")
    git(repos.base, "clone", "-q", "--depth=1", "--no-single-branch", f"file://{repos.remote}", "cut")
    cut = GitReader(GitRunner(repos.base / "cut"), "origin")
    with pytest.raises(CouldNot, match="shallow, so it cannot tell where the branch left main") as caught:
        cut.merge_base(main, branch)
    assert "--unshallow" in caught.value.hint
    git(repos.base / "cut", "fetch", "-q", "--depth=3")
    assert cut.merge_base(main, branch) == main


def test_a_shallow_clone_is_not_taken_in_by_an_older_ancestor(repos: Repos) -> None:
    """Both sides reach the old commit, and only what was cut off would show that they met again after it."""
    root = repos.clone
    old = repos.main
    later = commit(root, {"registry.yaml": b"tightened"}, "Tighten")
    tree = git(root, "rev-parse", f"{later}^{{tree}}")
    side = git(root, "commit-tree", "-p", later, "-m", "Side", tree)
    joined = git(root, "commit-tree", "-p", old, "-p", side, "-m", "Join", tree)
    assert repos.reader.merge_base(later, joined) == later
    (root / ".git" / "shallow").write_text(f"{side}\n")
    with pytest.raises(CouldNot, match="shallow"):
        repos.reader.merge_base(later, joined)
    (root / ".git" / "shallow").write_text(f"{old}\n")
    assert repos.reader.merge_base(later, joined) == later


def test_a_shallow_clone_knows_the_fork_where_everything_since_is_there(repos: Repos) -> None:
    root = repos.clone
    fork = repos.main
    left = commit(root, {"left": b""}, "Left")
    right = git(root, "commit-tree", "-p", fork, "-m", "Right", git(root, "rev-parse", f"{fork}^{{tree}}"))
    (root / ".git" / "shallow").write_text(f"{fork}\n")
    assert repos.reader.merge_base(left, right) == fork
    assert repos.reader.merge_base(left, fork) == fork
