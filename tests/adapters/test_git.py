"""Running Git: whatever the environment, the configuration and the directory's name are, and how errors read."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from pathlib import Path

import pytest

from modelmark.adapters import git as adapter
from modelmark.adapters.git import (
    GitRunner,
    find_root,
    network_error,
)
from modelmark.errors import CouldNot, InvalidInput, NotFound, Unreachable
from tests.support.git_repos import Repos, commit, git, hook, new_repos, new_repository


@pytest.fixture
def repos(tmp_path: Path) -> Repos:
    return new_repos(tmp_path / "repos")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_DIR", "elsewhere/.git"),
        ("GIT_WORK_TREE", "elsewhere"),
        ("GIT_INDEX_FILE", "elsewhere/.git/index"),
        ("GIT_OBJECT_DIRECTORY", "elsewhere/.git/objects"),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", "elsewhere/.git/objects"),
        ("GIT_COMMON_DIR", "elsewhere/.git"),
        ("GIT_NAMESPACE", "hidden"),
        ("GIT_CEILING_DIRECTORIES", "/"),
        ("GIT_CONFIG_PARAMETERS", "'core.bare=true'"),
        ("GIT_REPLACE_REF_BASE", "refs/tags/"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_DEFAULT_HASH", "sha256"),
        ("GIT_ALLOW_PROTOCOL", "ext"),
        ("GIT_SHALLOW_FILE", "elsewhere/shallow"),
    ],
)
def test_a_variable_of_a_hook_does_not_lead_to_another_repository(
    repos: Repos, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    elsewhere = new_repository(repos.base / "elsewhere")
    commit(elsewhere, {"secret": b"other\n"})
    monkeypatch.setenv(name, value.replace("elsewhere", str(elsewhere)))
    assert find_root(repos.clone) == repos.clone
    runner = GitRunner(repos.clone)
    assert runner.text(["rev-parse", "refs/heads/main"]) == repos.main
    assert runner.text(["status", "--porcelain"]) == ""
    assert runner.text(["for-each-ref", "--format=%(refname)", "refs/tags"]) == "refs/tags/m@v1"


def test_configuration_from_the_environment_is_dropped(repos: Repos, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("COUNT", "1"), ("KEY_0", "core.sshCommand"), ("VALUE_0", "evil")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    assert GitRunner(repos.clone).attempt(["config", "core.sshCommand"]).status == 1


def test_who_somebody_is_and_how_they_log_in_is_kept(repos: Repos, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Grace")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert GitRunner(repos.clone).text(["var", "GIT_COMMITTER_IDENT"]).startswith("Grace <")


def test_the_environment_of_this_process_stays_as_it_is(
    repos: Repos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    before = dict(os.environ)
    GitRunner(repos.clone).run(["status"])
    assert dict(os.environ) == before


@pytest.mark.parametrize("name", ["reference-transaction", "post-index-change", "post-merge"])
def test_hooks_of_the_clone_do_not_run(repos: Repos, name: str) -> None:
    hook(repos.clone, name, f"touch {repos.base}/ran; exit 1")
    runner = GitRunner(repos.clone)
    runner.run(["update-ref", "refs/heads/new", repos.main])
    runner.run(["merge", "--ff-only", "main"])
    assert not (repos.base / "ran").exists()


def test_a_file_system_monitor_of_the_configuration_does_not_run(repos: Repos) -> None:
    git(repos.clone, "config", "core.fsmonitor", f"touch {repos.base}/ran; false")
    GitRunner(repos.clone).run(["status"])
    assert not (repos.base / "ran").exists()


def test_replaced_objects_are_seen_as_they_were(repos: Repos) -> None:
    blob = git(repos.clone, "hash-object", "-w", "--stdin", stdin=b"fake\n")
    real = git(repos.clone, "rev-parse", "main:README.md")
    git(repos.clone, "replace", real, blob)
    assert GitRunner(repos.clone).run(["cat-file", "blob", real]) == b"hello\n"


@pytest.mark.parametrize(
    "name", ["$HOME", "~", "a b", "-C", "naïve", "two\nlines", "x:y", "*", "@{u}", ":(top)"]
)
def test_a_repository_may_have_any_directory_name(tmp_path: Path, name: str) -> None:
    root = new_repository(tmp_path / name)
    commit(root, {"f": b"x"})
    assert find_root(root) == root
    assert GitRunner(root).text(["rev-parse", "HEAD"]) == git(root, "rev-parse", "HEAD")
    assert GitRunner(root / ".git", bare=True).text(["rev-parse", "HEAD"]) == git(root, "rev-parse", "HEAD")


def test_a_repository_may_have_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    root = new_repository(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe")))
    assert find_root(root) == root


@pytest.mark.parametrize("name", ["plain.git", "two\nlines.git"])
def test_a_bare_repository_is_its_own_root(tmp_path: Path, name: str) -> None:
    root = new_repository(tmp_path / name, "--bare")
    assert find_root(root / "refs") == root


def test_a_relative_directory_is_counted_from_here(repos: Repos, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repos.base)
    assert find_root(Path("clone")) == repos.clone
    assert GitRunner(Path("clone")).text(["rev-parse", "--show-toplevel"]) == str(repos.clone)


def test_a_directory_that_went_away_is_an_error_and_not_our_own(
    repos: Repos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repos.clone)
    with pytest.raises(CouldNot, match="cannot change to"):
        GitRunner(repos.base / "gone").text(["rev-parse", "HEAD"])


def test_a_directory_outside_of_git_is_not_found_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="not in a Git repository") as caught:
        find_root(tmp_path)
    assert "modelmark init" in caught.value.hint
    with pytest.raises(NotFound, match="no directory"):
        find_root(tmp_path / "gone")


def test_a_repository_of_somebody_else_says_how_to_trust_it(
    repos: Repos, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a directory away")
    for place in (repos.clone, repos.clone / ".git"):
        os.chown(place, 12345, 12345)
    monkeypatch.setenv("SUDO_UID", "0")
    with pytest.raises(CouldNot, match="belongs to somebody else") as caught:
        find_root(repos.clone)
    assert "safe.directory" in caught.value.hint


def test_without_git_a_sentence_says_so(repos: Repos, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(CouldNot, match="Git is not installed"):
        find_root(repos.clone)


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_text_that_no_program_can_be_given_is_refused(repos: Repos, text: str) -> None:
    with pytest.raises(InvalidInput, match="has a character"):
        GitRunner(repos.clone).attempt(["rev-parse", text])


def test_a_failure_has_the_words_of_git(repos: Repos) -> None:
    with pytest.raises(CouldNot, match=r"^git cat-file failed: fatal: Not a valid object name gone$"):
        GitRunner(repos.clone).run(["cat-file", "blob", "gone"])


def test_input_and_output_are_bytes(repos: Repos) -> None:
    data = bytes(range(256)) * 5_000 + b"\n\n"
    runner = GitRunner(repos.clone)
    oid = runner.text(["hash-object", "-w", "--stdin"], data)
    assert runner.run(["cat-file", "blob", oid]) == data


def test_a_server_that_never_answers_runs_into_the_time_limit_also_in_an_image_without_ps(
    repos: Repos, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(adapter, "_NETWORK", 0.5)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(shutil.which("git") or "")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
        started = time.monotonic()
        done = GitRunner(repos.clone).attempt(["ls-remote", url], url=url)
    assert done.status != 0
    assert time.monotonic() - started < 60
    error = network_error(done.err, url)
    assert isinstance(error, Unreachable)
    assert "Timeout" in error.message


def test_git_ends_with_a_command_that_is_told_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stop(BaseException):
        pass

    def stop(*_: object) -> None:
        raise Stop

    pid = tmp_path / "pid"
    slow = tmp_path / "git"
    # It says more than a pipe holds, so that it goes on only when somebody reads: the signal comes while we wait for Git.
    slow.write_text(
        f"#!/bin/sh\necho $$ > {pid}\nhead -c 1000000 /dev/zero\nkill -USR1 {os.getpid()}\nexec sleep 60\n"
    )
    slow.chmod(0o755)
    runner = GitRunner(
        tmp_path
    )  # GitPython asks for Git's version when it is imported, so while there is a real one
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    before = signal.signal(signal.SIGUSR1, stop)
    try:
        with pytest.raises(Stop):
            runner.attempt(["fetch"])
    finally:
        signal.signal(signal.SIGUSR1, before)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
