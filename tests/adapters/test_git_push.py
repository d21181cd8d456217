"""Pushing: all or none, never by force, and every way in which a remote can say no kept apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_remote import GitRemote
from modelmark.errors import CouldNot, Denied, Lost, Unreachable
from tests.support.git_repos import (
    Repos,
    commit,
    git,
    hook,
    new_repos,
    new_repository,
    snapshot,
    tag,
)
from tests.support.git_servers import free_port, git_daemon, http_backend


@pytest.fixture
def repos(tmp_path: Path) -> Repos:
    return new_repos(tmp_path / "repos")


def tags_of(root: Path) -> list[str]:
    return git(root, "tag", "-l").split()


def two_tags(repos: Repos, root: Path | None = None) -> dict[str, str]:
    place = root or repos.clone
    return {f"refs/tags/{name}": tag(place, name) for name in ("m#prod#1", "m#prev_prod#1")}


def test_a_push_creates_all_refs_and_may_be_repeated(repos: Repos) -> None:
    refs = {**two_tags(repos), "refs/heads/register/m-3": repos.main}
    before = snapshot(repos.clone)
    for _ in range(2):
        repos.origin().push(refs)
    assert {"m#prev_prod#1", "m#prod#1"} < set(tags_of(repos.remote))
    assert git(repos.remote, "rev-parse", "register/m-3") == repos.main
    after = snapshot(repos.clone)
    assert (after["files"], after["own"]) == (before["files"], before["own"])


def test_a_push_sends_no_other_tag_whatever_the_user_configured(repos: Repos) -> None:
    tag(repos.clone, "private")
    for key, value in (
        ("push.followTags", "true"), ("push.gpgSign", "if-asked"), ("push.recurseSubmodules", "on-demand"),
        ("push.default", "matching"), ("remote.origin.push", "refs/tags/*:refs/tags/*"), ("color.push", "always"),
    ):  # fmt: skip
        git(repos.clone, "config", key, value)
    hook(repos.clone, "pre-push", "exit 1")
    made = commit(repos.clone, {"new": b""})
    tag(repos.clone, "annotated")
    repos.origin().push({"refs/heads/new": made})
    assert tags_of(repos.remote) == ["m@v1"]


def test_of_two_tags_none_is_made_where_one_exists_and_the_race_is_lost(repos: Repos) -> None:
    tag(repos.other, "m#prod#1", message="theirs")
    git(repos.other, "push", "-q", "origin", "m#prod#1")
    theirs = git(repos.remote, "rev-parse", "m#prod#1")
    with pytest.raises(Lost, match="m#prod#1, m#prev_prod#1: somebody else was faster"):
        repos.origin().push(two_tags(repos))
    assert tags_of(repos.remote) == ["m#prod#1", "m@v1"]
    assert git(repos.remote, "rev-parse", "m#prod#1") == theirs


def test_a_race_that_only_the_server_sees_is_lost(repos: Repos) -> None:
    # The ref comes into being after the client has read the list of refs.
    theirs = git(repos.remote, "rev-parse", "main~1")
    hook(
        repos.remote,
        "pre-receive",
        f"unset GIT_QUARANTINE_PATH; git update-ref 'refs/tags/m#prod#1' {theirs}",
    )
    with pytest.raises(Lost):
        repos.origin().push(two_tags(repos))
    assert tags_of(repos.remote) == ["m#prod#1", "m@v1"]


def test_a_branch_that_moved_is_lost_and_never_overwritten(repos: Repos) -> None:
    theirs = commit(repos.other, {"theirs": b""})
    git(repos.other, "push", "-q", "origin", "main")
    ours = commit(repos.clone, {"ours": b""})
    for known in (False, True):
        if known:
            repos.origin().fetch_main("main")
        with pytest.raises(Lost):
            repos.origin().push({"refs/heads/main": ours})
    assert repos.main == theirs


@pytest.mark.parametrize("name", ["update", "pre-receive"])
def test_a_hook_that_declines_is_no_race_whatever_it_says(repos: Repos, name: str) -> None:
    match = '[ "$1" != "refs/tags/m#prod#1" ] && exit 0; ' if name == "update" else ""
    words = "this tag already exists in policy; atomic transaction failed; fetch first"
    hook(repos.remote, name, f"{match}echo '{words}' >&2; exit 1")
    with pytest.raises(CouldNot, match="refuses the push") as caught:
        repos.origin().push(two_tags(repos))
    assert not isinstance(caught.value, Denied | Unreachable)
    assert "this tag already exists in policy" in caught.value.message
    assert "hook declined" in caught.value.message
    assert tags_of(repos.remote) == ["m@v1"]


def test_a_remote_that_cannot_store_refuses_and_is_no_race(repos: Repos) -> None:
    git(repos.remote, "config", "receive.denyDeletes", "true")
    (repos.remote / "refs/heads/taken").write_text(f"{repos.main}\n")
    with pytest.raises(CouldNot, match="cannot create"):
        repos.origin().push({"refs/heads/taken/deeper": repos.main})


def test_the_branch_that_a_remote_has_checked_out_is_refused(repos: Repos) -> None:
    made = commit(repos.clone, {"new": b""})
    git(repos.clone, "remote", "set-url", "origin", "../other")
    with pytest.raises(CouldNot, match="branch is currently checked out"):
        repos.origin().push({"refs/heads/main": made})


def test_another_address_for_pushing_is_used_and_named(repos: Repos) -> None:
    port = free_port()
    git(repos.clone, "remote", "set-url", "--push", "origin", f"http://ada:secret@127.0.0.1:{port}/x")
    with pytest.raises(Unreachable, match=rf"^http://127\.0\.0\.1:{port}/x cannot be reached") as caught:
        repos.origin().push({"refs/heads/new": repos.main})
    assert "secret" not in caught.value.message


def test_pushing_to_a_server_that_only_lets_read_is_denied(repos: Repos) -> None:
    with git_daemon(repos.base) as url:
        git(repos.clone, "remote", "set-url", "origin", f"{url}/remote.git")
        repos.origin().fetch_tags(["m@*"])
        with pytest.raises(Denied):
            repos.origin().push({"refs/heads/new": repos.main})


def test_a_password_that_is_wrong_is_denied_and_never_shown(repos: Repos) -> None:
    with http_backend(repos.base, password="Basic YWRhOnNlY3JldA==") as url:
        place = url.removeprefix("http://")
        for user in ("", "ada:wr0ng@"):
            git(repos.clone, "remote", "set-url", "origin", f"http://{user}{place}/remote.git")
            with pytest.raises(Denied, match="refuses these credentials") as fetched:
                repos.origin().fetch_main("main")
            with pytest.raises(Denied, match="refuses these credentials") as pushed:
                repos.origin().push({"refs/heads/x": repos.main})
            assert "wr0ng" not in fetched.value.message + pushed.value.message
        git(repos.clone, "remote", "set-url", "origin", f"http://ada:secret@{place}/remote.git")
        repos.origin().fetch_main("main")


def test_pushing_over_http_creates_loses_and_is_declined_as_over_a_file(repos: Repos) -> None:
    git(repos.remote, "config", "http.receivepack", "true")
    with http_backend(repos.base) as url:
        git(repos.clone, "remote", "set-url", "origin", f"{url}/remote.git")
        refs = two_tags(repos)
        repos.origin().push(refs)
        repos.origin().push(refs)
        with pytest.raises(Lost):
            repos.origin().push({"refs/tags/m#prod#1": tag(repos.clone, "another")})
        hook(repos.remote, "update", "exit 1")
        with pytest.raises(CouldNot, match="hook declined"):
            repos.origin().push({"refs/tags/m#prod#2": repos.main})


def test_a_clone_of_an_empty_remote_can_push_its_first_commit(tmp_path: Path) -> None:
    new_repository(tmp_path / "remote.git", "--bare")
    root = new_repository(tmp_path / "clone")
    git(root, "remote", "add", "origin", "../remote.git")
    made = commit(root, {"f": b""})
    GitRemote(GitRunner(root), "origin").push({"refs/heads/main": made})
    assert git(tmp_path / "remote.git", "rev-parse", "main") == made
