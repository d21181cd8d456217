"""A poll: one request for names, over every transport, and nothing fetched while nothing is new."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from modelmark.adapters.remote_registry import RemoteRegistry
from modelmark.errors import Unreachable
from tests.support.git_repos import Repos, commit, git, new_repos, new_repository, tag
from tests.support.git_servers import free_port, served

NEWEST, FOLLOWING, GONE = "m#prod#3", "m#prod#4", "m#prod#30"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Repos:
    """Three assignments, and many tags of others."""
    repos = new_repos(tmp_path_factory.mktemp("told") / "repos")
    commit(repos.clone, {"m": b"x"})
    for number in (1, 2, 3):
        tag(repos.clone, f"m#prod#{number}")
    for number in range(50):
        git(repos.clone, "tag", f"n@v{number}")
    git(repos.clone, "push", "-q", "origin", "main", "--tags")
    return repos


@pytest.mark.parametrize("how", ["path", "git", "http", "old http"])
def test_it_says_which_tag_is_missing_first_and_fetches_nothing(told: Repos, how: str) -> None:
    with served(told.base, how) as url, RemoteRegistry(url) as remote:
        assert remote.first_missing([NEWEST, FOLLOWING]) == FOLLOWING
        assert remote.first_missing([GONE, FOLLOWING]) == GONE
        assert git(remote._repository.runner.directory, "count-objects") == "0 objects, 0 kilobytes"
        assert remote.first_missing(["m#prod#2", NEWEST]) is None
        assert git(remote._repository.runner.directory, "for-each-ref") == ""


def test_ids_by_sha256_make_no_difference(tmp_path: Path) -> None:
    root = new_repository(tmp_path, "--object-format=sha256")
    commit(root, {"m": b"x"})
    tag(root, "m#prod#1")
    with RemoteRegistry(f"file://{root}") as remote:
        for _ in range(2):
            assert remote.first_missing(["m#prod#1", "m#prod#2"]) == "m#prod#2"
        assert remote.first_missing(["m#prod#1"]) is None


def test_no_answer_is_no_answer(tmp_path: Path) -> None:
    with RemoteRegistry(f"http://127.0.0.1:{free_port()}/x") as remote, pytest.raises(Unreachable):
        remote.first_missing([NEWEST])
    with RemoteRegistry(str(tmp_path)) as remote, pytest.raises(Unreachable, match="is not a Git repository"):
        remote.first_missing([NEWEST])


def test_a_registry_that_stalls_is_left_after_a_while() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
        with RemoteRegistry(url, seconds=0.5) as remote:
            with pytest.raises(Unreachable, match="Timeout"):
                remote.first_missing([NEWEST])
            with pytest.raises(Unreachable, match="Timeout"):
                remote.tags(["m#prod#*"])
