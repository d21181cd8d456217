"""Reading commits, files, tags and history: exact names only, and the same answers whatever the user configured."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelmark.adapters.git import GitRunner
from modelmark.adapters.git_reader import GitReader
from modelmark.errors import CouldNot, InvalidInput
from tests.support.git_repos import Repos, commit, git, new_repos, new_repository, raw_commit, tag


@pytest.fixture
def repos(tmp_path: Path) -> Repos:
    return new_repos(tmp_path / "repos")


def local(root: Path) -> GitReader:
    return GitReader(GitRunner(root), None)


# --- names of commits ---------------------------------------------------------------------------------------------


def test_a_commit_is_found_by_branch_remote_branch_tag_full_ref_id_and_head(repos: Repos) -> None:
    git(repos.clone, "update-ref", "refs/heads/local", "main~1")
    before = git(repos.clone, "rev-parse", "main~1")
    for text in ("origin/main", "refs/remotes/origin/main", "main", "HEAD", repos.main):
        assert repos.reader.find_commit(text) == repos.main
    for text in ("local", "refs/heads/local", "m@v1", "refs/tags/m@v1"):
        assert repos.reader.find_commit(text) == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m@v7-g{short}",
        "m@v1-0-g{short}",
        "{short}",
        "HEAD~1",
        "HEAD^",
        "main^{tree}",
        "main:README.md",
        "main@{1}",
        "@{u}",
        "@",
        "-1",
        "--all",
        "--upload-pack=x",
        ":/Start",
        "ma*n",
        "main..HEAD",
        "refs",
        "refs/heads",
        "origin",
        "m@v1\n",
        "main ",
        "../../HEAD",
        "FETCH_HEAD",
        "{blob}",
        "{tree}",
        "{tag}",
        "f" * 40,
        "\udcff",
    ],
)
def test_no_other_text_names_a_commit(repos: Repos, text: str) -> None:
    ids = {
        "short": repos.main[:10],
        "blob": git(repos.clone, "rev-parse", "main:README.md"),
        "tree": git(repos.clone, "rev-parse", "main^{tree}"),
        "tag": git(repos.clone, "rev-parse", "refs/tags/m@v1"),
    }
    for key, value in ids.items():
        text = text.replace(f"{{{key}}}", value)
    assert repos.reader.find_commit(text) is None


def test_a_name_with_a_nul_is_refused(repos: Repos) -> None:
    with pytest.raises(InvalidInput):
        repos.reader.find_commit("main\0")


def test_a_branch_wins_over_a_tag_of_the_same_name_and_an_id_over_both(repos: Repos) -> None:
    old = git(repos.clone, "rev-parse", "main~1")
    for name in ("twice", repos.main):
        git(repos.clone, "update-ref", f"refs/tags/{name}", repos.main)
        git(repos.clone, "update-ref", f"refs/heads/{name}", old)
    assert repos.reader.find_commit("twice") == old
    assert repos.reader.find_commit(repos.main) == repos.main


def test_a_tag_of_a_blob_or_of_a_tag_is_no_commit(repos: Repos) -> None:
    tag(repos.clone, "blob", "main:README.md")
    tag(repos.clone, "nested", "refs/tags/m@v1")
    assert repos.reader.find_commit("blob") is None
    assert repos.reader.find_commit("nested") is None


def test_without_a_commit_there_is_no_head(tmp_path: Path) -> None:
    reader = local(new_repository(tmp_path))
    assert reader.find_commit("HEAD") is None
    assert reader.checked_out() == "main"
    assert reader.default_branches(["main"]).get("main") is None
    assert reader.tags(["*"]) == []


def test_main_is_the_remotes_where_there_is_one(repos: Repos) -> None:
    git(repos.clone, "update-ref", "refs/heads/main", "main~1")
    assert repos.reader.default_branches(["main"]).get("main") == repos.main
    assert local(repos.clone).default_branches(["main"]).get("main") == git(
        repos.clone, "rev-parse", "refs/heads/main"
    )
    for name in ("ma*", "mai", "-x", "gone", "main/x"):
        assert repos.reader.default_branches([name]).get(name) is None


def test_the_default_branch_is_the_remotes_or_the_one_checked_out(repos: Repos) -> None:
    assert repos.reader.default_branches([]) == {"main": repos.main}
    git(repos.clone, "checkout", "-q", "--detach")
    assert local(repos.clone).default_branches([]) == {}
    git(repos.clone, "checkout", "-q", "-b", "a/b")
    git(repos.clone, "branch", "-q", "A")
    assert list(local(repos.clone).default_branches(["A", "main", "gone"])) == ["a/b", "A", "main"]
    git(repos.clone, "remote", "set-head", "origin", "-d")
    assert repos.reader.default_branches([]) == {}
    git(repos.clone, "update-ref", "refs/remotes/origin/HEAD", "main")
    assert repos.reader.default_branches([]) == {}, "a commit is no branch"


def test_branches_are_those_of_the_remote_with_the_prefix(repos: Repos) -> None:
    for name in ("register/m-2", "register/m-22", "register/other", "promote/m"):
        git(repos.clone, "update-ref", f"refs/remotes/origin/{name}", "main")
    assert set(repos.reader.branches("register/m-2")) == {"register/m-2", "register/m-22"}
    assert repos.reader.branches("register/m-2")["register/m-2"] == repos.main
    assert local(repos.clone).branches("register/") == {}


# --- history ------------------------------------------------------------------------------------------------------


def test_history_is_oldest_first_with_merges_and_without_the_commits_of_branches(repos: Repos) -> None:
    found = repos.reader.first_parents(repos.main, [])
    assert [one.subject for one in found] == ["Start", "Register m 1", "Merge register/m-2"]
    assert len(found[2].parents) == 2


def test_the_history_of_a_path_has_the_merge_that_brought_it(repos: Repos) -> None:
    def subjects(*paths: str) -> list[str]:
        return [one.subject for one in repos.reader.first_parents(repos.main, paths)]

    assert subjects("models/m/2") == ["Merge register/m-2"]
    assert subjects("models/m/1/manifest.yaml") == ["Register m 1"]
    assert subjects("models") == ["Register m 1", "Merge register/m-2"]
    assert subjects("gone") == subjects("models/m/*") == subjects(":/") == subjects("-x") == []


def test_a_merge_that_undoes_and_one_that_changes_by_itself_are_seen(repos: Repos) -> None:
    root = repos.clone
    git(root, "checkout", "-q", "-b", "side", "main")
    commit(root, {"models/m/1/manifest.yaml": b"theirs\n"}, "Spoil")
    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "-s", "ours", "-m", "Merge nothing", "side")
    git(root, "merge", "-q", "--no-ff", "--no-commit", "-s", "ours", "side")
    commit(root, {"models/m/1/manifest.yaml": b"evil\n"}, "Evil merge")
    tip = git(root, "rev-parse", "main")
    found = local(root).first_parents(tip, ["models/m/1/manifest.yaml"])
    assert [one.subject for one in found] == ["Register m 1", "Evil merge"]


def test_a_person_and_both_dates_of_a_commit_are_read(repos: Repos) -> None:
    stamps = {"GIT_AUTHOR_DATE": "1700000000 -0330", "GIT_COMMITTER_DATE": "1700000001 +0545"}
    git(
        repos.clone,
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "s\n\nbody",
        env={**stamps, "GIT_AUTHOR_NAME": "Zoë"},
    )
    found = repos.reader.commit(git(repos.clone, "rev-parse", "HEAD"))
    assert (str(found.author), found.subject) == ("Zoë <ada@example.org>", "s")
    assert found.author.at.isoformat() == "2023-11-14T18:43:20-03:30"
    assert found.committer.at.timestamp() == 1_700_000_001


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("i18n.logOutputEncoding", "ISO-8859-1"),
        ("i18n.commitEncoding", "ISO-8859-1"),
        ("log.follow", "true"),
        ("log.showSignature", "true"),
        ("log.date", "relative"),
        ("log.showRoot", "false"),
        ("log.diffMerges", "combined"),
        ("log.mailmap", "true"),
        ("format.pretty", "oneline"),
        ("color.ui", "always"),
        ("core.quotePath", "true"),
        ("core.abbrev", "4"),
        ("diff.renames", "copies"),
        ("diff.noprefix", "true"),
        ("diff.external", "false"),
        ("diff.ignoreSubmodules", "all"),
        ("diff.orderFile", "order"),
        ("core.notesRef", "refs/notes/x"),
        ("grep.lineNumber", "true"),
        ("versionsort.suffix", "-"),
        ("tag.sort", "-version:refname"),
        ("transfer.hideRefs", "refs/tags"),
    ],
)
def test_no_setting_of_the_user_changes_what_is_read(repos: Repos, key: str, value: str) -> None:
    root = repos.clone
    (root / ".mailmap").write_text("Somebody <x@example.org> <ada@example.org>\n")
    (root / "order").write_text("models/ü\n")
    git(
        root,
        "-c",
        "i18n.commitEncoding=UTF-8",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "ü",
        env={"GIT_AUTHOR_NAME": "Zoë"},
    )
    tip = commit(root, {"models/ü b": b"1\n", "models/x\ny": b"2\n"}, "ü")

    def all_of_it() -> object:
        reader = local(root)
        return (
            reader.first_parents(tip, ["models/ü b"]),
            reader.first_parents(tip, []),
            reader.diff(repos.main, tip),
            reader.entries(tip, "models"),
            reader.tags(["*"]),
        )

    before = all_of_it()
    git(root, "config", key, value)
    assert all_of_it() == before


@pytest.mark.parametrize(
    "author",
    [
        "Ada <ada@example.org> 1700000000 +9999",
        "Ada <ada@example.org> 99999999999999 +0000",
        "Ada <ada@example.org> 1700000000",
        "Ada <ada@example.org> -5 +0000",
        "Ada ada@example.org 1700000000 +0000",
        "> < <> 1700000000 +0000",
        "",
    ],
)
def test_a_commit_with_an_impossible_author_does_not_hide_the_history(repos: Repos, author: str) -> None:
    odd = raw_commit(repos.clone, repos.main, author=author)
    found = repos.reader.first_parents(odd, [])
    assert [one.subject for one in found][-2:] == ["Merge register/m-2", "odd"]
    if "1700000000 +9999" in author:
        assert found[-1].author.at.timestamp() == 1_700_000_000


def test_a_shallow_clone_says_what_it_cannot_tell(repos: Repos) -> None:
    git(repos.base, "clone", "-q", "--depth=1", f"file://{repos.remote}", "shallow")
    reader = GitReader(GitRunner(repos.base / "shallow"), "origin")
    with pytest.raises(CouldNot, match="shallow") as caught:
        reader.first_parents(repos.main, ["models"])
    assert "--unshallow" in caught.value.hint
    assert reader.read([(repos.main, "models/m/2/manifest.yaml")]) == [b"two\n"]


def test_a_merge_base_is_found_or_none(repos: Repos) -> None:
    git(repos.clone, "checkout", "-q", "--orphan", "alone")
    alone = commit(repos.clone, {})
    first = git(repos.clone, "rev-parse", "main^1")
    assert repos.reader.merge_base(repos.main, first) == first
    assert repos.reader.merge_base(repos.main, alone) is None
