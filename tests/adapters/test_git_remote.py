"""Finding the remote and fetching from it: narrow, never by force, and nothing of this clone is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.adapters import git_remote as adapter
from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_remote import GitRemote, find_remote
from modelmark.errors import CouldNot, NotFound, Refused, Unreachable
from tests.support.git_repos import (
    Repos,
    commit,
    git,
    new_repos,
    snapshot,
    tag,
)
from tests.support.git_servers import free_port


@pytest.fixture
def repos(tmp_path: Path) -> Repos:
    return new_repos(tmp_path / "repos")


def tags_of(root: Path) -> list[str]:
    return git(root, "tag", "-l").split()


# --- which remote -------------------------------------------------------------------------------------------------


def test_the_remote_is_origin_or_the_only_one(repos: Repos, tmp_path: Path) -> None:
    runner = GitRunner(repos.clone)
    git(repos.clone, "remote", "add", "fork", "../fork.git")
    assert find_remote(runner) == "origin"
    git(repos.clone, "remote", "rename", "origin", "upstream")
    with pytest.raises(CouldNot, match="fork, upstream"):
        find_remote(runner)
    git(repos.clone, "remote", "remove", "fork")
    assert find_remote(runner) == "upstream"
    git(repos.clone, "remote", "remove", "upstream")
    assert find_remote(runner) is None


def test_without_a_remote_there_is_nothing_to_fetch(repos: Repos) -> None:
    remote = GitRemote(GitRunner(repos.clone), None)
    remote.fetch_main("main")
    remote.fetch_tags(["*"])
    remote.fetch_branches("register/")
    assert remote.url == ""


def test_the_address_is_shown_without_password(repos: Repos) -> None:
    git(repos.clone, "remote", "set-url", "origin", "https://ada:secret@example.org/x.git")
    assert repos.origin().url == "https://example.org/x.git"


# --- fetching -----------------------------------------------------------------------------------------------------


def test_main_is_brought_up_to_date_also_where_it_was_rewritten(repos: Repos) -> None:
    new = commit(repos.other, {"new": b""})
    git(repos.other, "push", "-q", "origin", "main")
    before = snapshot(repos.clone)
    repos.origin().fetch_main("main")
    assert repos.reader.default_branches(["main"]).get("main") == new
    git(repos.other, "push", "-q", "-f", "origin", f"{new}~2:main")
    repos.origin().fetch_main("main")
    assert repos.reader.default_branches(["main"]).get("main") == git(repos.other, "rev-parse", f"{new}~2")
    after = snapshot(repos.clone)
    assert (after["files"], after["own"]) == (before["files"], before["own"])
    assert not (repos.clone / ".git/FETCH_HEAD").exists()


def test_a_fetch_brings_the_tags_that_were_asked_for_and_no_others(repos: Repos) -> None:
    for name in ("m#prod#1", "m#prod#2", "m@v2", "other@v1"):
        tag(repos.other, name)
    git(repos.other, "push", "-q", "origin", "--tags")
    remote = repos.origin()
    remote.fetch_main("main")
    assert tags_of(repos.clone) == ["m@v1"]
    remote.fetch_tags(["m#prod#*", "gone#*"])
    assert tags_of(repos.clone) == ["m#prod#1", "m#prod#2", "m@v1"]
    remote.fetch_tags([])
    remote.fetch_tags(["*"])
    assert len(tags_of(repos.clone)) == 5


@pytest.mark.parametrize(
    "key", ["remote.origin.prune", "remote.origin.pruneTags", "fetch.prune", "fetch.pruneTags"]
)
def test_tags_made_here_survive_whatever_the_user_configured(repos: Repos, key: str) -> None:
    git(repos.clone, "config", key, "true")
    tag(repos.clone, "m#prod#1")
    remote = repos.origin()
    remote.fetch_main("main")
    remote.fetch_branches("register/")
    remote.fetch_tags(["*"])
    remote.fetch_tags(["m#*"])
    assert tags_of(repos.clone) == ["m#prod#1", "m@v1"]


def test_a_tag_that_the_remote_deleted_stays_here(repos: Repos) -> None:
    git(repos.remote, "tag", "-d", "m@v1")
    repos.origin().fetch_tags(["m@v*"])
    assert tags_of(repos.clone) == ["m@v1"]


def test_a_moved_tag_is_refused_by_name_and_the_old_one_stays(repos: Repos) -> None:
    old = git(repos.clone, "rev-parse", "refs/tags/m@v1")
    git(repos.other, "tag", "-d", "m@v1")
    tag(repos.other, "m@v1", "main", "moved")
    git(repos.other, "push", "-q", "-f", "origin", "m@v1")
    with pytest.raises(Refused, match="the tag m@v1 means another object on origin") as caught:
        repos.origin().fetch_tags(["m@v*"])
    assert "git ls-remote origin 'refs/tags/m@v1'" in caught.value.hint
    assert git(repos.clone, "rev-parse", "refs/tags/m@v1") == old


def test_branches_are_fetched_by_prefix_and_forgotten_when_gone(repos: Repos) -> None:
    git(repos.other, "push", "-q", "origin", "main:register/m-2", "main:register/m-3", "main:promote/x")
    remote = repos.origin()
    remote.fetch_branches("register/m-")
    assert set(repos.reader.branches("register/")) == {"register/m-2", "register/m-3"}
    git(repos.other, "push", "-q", "origin", ":register/m-2")
    remote.fetch_branches("register/m-")
    assert set(repos.reader.branches("register/")) == {"register/m-3"}
    assert "main" in repos.reader.branches("")


def test_a_remote_without_that_branch_says_so(repos: Repos) -> None:
    with pytest.raises(NotFound, match="no branch trunk") as caught:
        repos.origin().fetch_main("trunk")
    assert "git push origin trunk" in caught.value.hint


def test_a_lock_that_somebody_left_is_named_and_nothing_stale_is_taken_for_new(
    repos: Repos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "_PAUSES", (0.01,))
    commit(repos.other, {"new": b""})
    git(repos.other, "push", "-q", "origin", "main")
    lock = repos.clone / ".git/refs/remotes/origin/main.lock"
    lock.touch()
    with pytest.raises(CouldNot, match=r"main\.lock"):
        repos.origin().fetch_main("main")
    lock.unlink()
    repos.origin().fetch_main("main")
    assert repos.reader.default_branches(["main"]).get("main") == repos.main


def test_a_remote_that_is_not_there_is_unreachable(repos: Repos) -> None:
    for url in ("../gone.git", f"http://127.0.0.1:{free_port()}/x", f"git://127.0.0.1:{free_port()}/x"):
        git(repos.clone, "remote", "set-url", "origin", url)
        with pytest.raises(Unreachable, match="cannot be reached"):
            repos.origin().fetch_main("main")
        with pytest.raises(Unreachable, match="cannot be reached"):
            repos.origin().push({"refs/heads/x": repos.main})


# --- a shallow clone ----------------------------------------------------------------------------------------------


def test_a_fetch_of_main_makes_a_shallow_clone_whole_without_any_tag(repos: Repos) -> None:
    git(repos.base, "clone", "-q", "--depth=1", "--no-tags", f"file://{repos.remote}", "cut")
    cut = repos.base / "cut"
    repos.origin(cut).fetch_main("main")
    assert git(cut, "rev-list", "--count", "origin/main") == git(
        repos.clone, "rev-list", "--count", "origin/main"
    )
    assert (git(cut, "rev-parse", "--is-shallow-repository"), tags_of(cut)) == ("false", [])
    repos.origin(cut).fetch_main("main")


def test_what_the_remote_does_not_send_is_an_error_but_for_a_commit_that_it_does_not_have(
    repos: Repos,
) -> None:
    remote = repos.origin()
    remote.fetch_commit("1" * 40)
    git(repos.clone, "remote", "set-url", "origin", "../gone.git")
    with pytest.raises(Unreachable):
        remote.fetch_commit("1" * 40)
    git(repos.clone, "symbolic-ref", "-d", "refs/remotes/origin/HEAD")
    with pytest.raises(Unreachable):
        remote.learn_head()
